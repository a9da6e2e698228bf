"""Indexes on tables that are in use: made and dropped without holding up who writes."""

from django.contrib.postgres.operations import NotInTransactionMixin
from django.db import migrations


class AddIndexConcurrently(NotInTransactionMixin, migrations.AddIndex):
    """AddIndex, without the lock on PostgreSQL. To be used with `atomic = False`.

    What a run that was broken off left behind, an index that is marked invalid, is dropped first.
    """

    atomic = False

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        self._ensure_not_in_transaction(schema_editor)
        model = to_state.apps.get_model(app_label, self.model_name)
        drop(schema_editor, self.index.name)
        return schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_backwards(app_label, schema_editor, from_state, to_state)
        return drop(schema_editor, self.index.name)


class SwapIndexes(migrations.RunPython):
    """Indexes that only PostgreSQL has: make those of `after`, then drop those of `before`.

    Both are definitions as they follow CREATE INDEX name, by name.
    """

    atomic = False

    def __init__(self, before, after):
        self.before, self.after = before, after
        super().__init__(_swap(before, after), _swap(after, before))

    def deconstruct(self):
        return self.__class__.__name__, [self.before, self.after], {}


def drop(schema_editor, name):
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")


def _swap(old, new):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for name, definition in new.items():
                drop(schema_editor, name)
                schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name} {definition}")
            for name in old:
                drop(schema_editor, name)

    return run
