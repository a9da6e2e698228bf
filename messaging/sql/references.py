"""References between tenant tables, which the database checks together with the tenant.

Migrations import this module, so its path and the arguments of `TenantReference` stay as they are.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as Editor
from django.db.backends.ddl_references import Columns, Statement, Table

Model = type[models.Model]

FOREIGN_KEY = (
    "CONSTRAINT %(name)s FOREIGN KEY (%(columns)s) REFERENCES %(to_table)s (%(to_columns)s)"
    " DEFERRABLE INITIALLY DEFERRED"
)


class TenantReference(models.BaseConstraint):
    """A foreign key of two columns, the reference and the workspace, checked at the end of a transaction.

    So a row of one workspace never refers to a row of another, whatever wrote it. The table referred to has a
    unique constraint on (id, workspace_id). Django's own foreign key has one column, hence the fields that
    this constraint covers say `db_constraint=False`.
    """

    def __init__(self, field: str, *, to: str, name: str) -> None:
        super().__init__(name=name)
        self.field, self.to = field, to
        """The name of the field here, and of the table that it refers to."""

    # Django hands both arguments to each of these.
    def constraint_sql(self, model: Model, schema_editor: Editor) -> str:  # type: ignore[override]
        """Part of CREATE TABLE on SQLite, which adds no foreign key later; a later statement elsewhere."""
        if schema_editor.connection.vendor == "sqlite":
            return str(self._statement(FOREIGN_KEY, model, schema_editor))
        return self.create_sql(model, schema_editor)

    def create_sql(self, model: Model, schema_editor: Editor) -> str:  # type: ignore[override]
        """Nothing yet: the migration ends with it, when both tables and the unique constraint exist."""
        alter = self._statement(f"ALTER TABLE %(table)s ADD {FOREIGN_KEY}", model, schema_editor)
        schema_editor.deferred_sql.append(alter)
        return ""

    def remove_sql(self, model: Model, schema_editor: Editor) -> str:  # type: ignore[override]
        return str(self._statement("ALTER TABLE %(table)s DROP CONSTRAINT %(name)s", model, schema_editor))

    def validate(self, *args: object, **kwargs: object) -> None:
        """Forms offer rows of their workspace alone; the database refuses the rest."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, _, kwargs = super().deconstruct()
        return path, (self.field,), kwargs | {"to": self.to}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TenantReference) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]

    def _statement(self, template: str, model: Model, schema_editor: Editor) -> Statement:
        table, quote = model._meta.db_table, schema_editor.quote_name
        column = str(model._meta.get_field(self.field).get_attname_column()[1])  # type: ignore[union-attr]
        return Statement(
            template,
            table=Table(table, quote),
            name=quote(self.name),
            columns=Columns(table, [column, "workspace_id"], quote),
            to_table=Table(self.to, quote),
            to_columns=Columns(self.to, ["id", "workspace_id"], quote),
        )
