"""The operations by which migrations run SQL of one database."""

from collections.abc import Sequence

from django.contrib.postgres.operations import TrigramExtension
from django.db import router
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

    def _run(self, app_label: str, editor: BaseDatabaseSchemaEditor, statements: Sequence[str]) -> None:
        connection = editor.connection
        if connection.vendor == self.vendor and router.allow_migrate(connection.alias, app_label):
            for statement in statements:
                editor.execute(statement, params=None)


class SharedTrigramExtension(TrigramExtension):
    """The extension stays when the migration is taken back: other apps may use it by then."""

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        pass
