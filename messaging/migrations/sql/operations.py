"""The operations by which migrations run SQL of one database."""

from collections.abc import Sequence

from django.db import router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

__all__ = ["RunOn", "SharedTrigramExtension"]


class RunOn(Operation):
    """Statements for the databases of one vendor; the others do without. `sqlmigrate` shows them."""

    reversible = True

    def __init__(self, vendor: str, *, forwards: Sequence[str], backwards: Sequence[str]) -> None:
        self.vendor, self.forwards, self.backwards = vendor, forwards, backwards

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models know nothing of it."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._run(app_label, schema_editor, self.forwards)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._run(app_label, schema_editor, self.backwards)

    def describe(self) -> str:
        return f"Run SQL on {self.vendor}"

    def is_due(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether the database lacks what the statements bring."""
        return True

    def _run(self, app_label: str, editor: BaseDatabaseSchemaEditor, statements: Sequence[str]) -> None:
        connection = editor.connection
        is_ours = connection.vendor == self.vendor and router.allow_migrate(connection.alias, app_label)
        if is_ours and statements and self.is_due(connection):
            for statement in statements:
                editor.execute(statement, params=None)


class SharedTrigramExtension(RunOn):
    """The extension `pg_trgm`. It stays when the migration is taken back: other apps may use it by then.

    Django's own operation imports psycopg, which an installation on SQLite does not have.
    """

    def __init__(self) -> None:
        super().__init__("postgresql", forwards=["CREATE EXTENSION IF NOT EXISTS pg_trgm"], backwards=[])

    def describe(self) -> str:
        return "Create the extension pg_trgm"

    def is_due(self, connection: BaseDatabaseWrapper) -> bool:
        """Who may not create extensions can still use one that is there."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
            return cursor.fetchone() is None
