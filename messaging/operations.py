"""Operations of migrations that are safe while others write."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import AddIndex, RemoveIndex, RunPython

from messaging.models.filling import fill_index_terms

__all__ = [
    "AddIndexUnderLoad",
    "FillIndexTerms",
    "RemoveIndexUnderLoad",
    "RunOnPostgreSQL",
    "RunOnSQLite",
    "SwapIndexesUnderLoad",
]


class AddIndexUnderLoad(AddIndexConcurrently):
    """AddIndex; on PostgreSQL writers go on meanwhile. Its migration needs `atomic = False`.

    What a run that broke off has left behind, an index that is marked invalid, is dropped first.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_drop(self.index.name))
        _of(AddIndexConcurrently, schema_editor).database_forwards(
            self, app_label, schema_editor, from_state, to_state
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _of(AddIndexConcurrently, schema_editor).database_backwards(
            self, app_label, schema_editor, from_state, to_state
        )


class RemoveIndexUnderLoad(RemoveIndexConcurrently):
    """RemoveIndex; on PostgreSQL writers go on meanwhile. Its migration needs `atomic = False`."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _of(RemoveIndexConcurrently, schema_editor).database_forwards(
            self, app_label, schema_editor, from_state, to_state
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _of(RemoveIndexConcurrently, schema_editor).database_backwards(
            self, app_label, schema_editor, from_state, to_state
        )


def _of(concurrently: Any, schema_editor: Any) -> Any:
    """The operation, on SQLite that which it derives from."""
    if schema_editor.connection.vendor == "postgresql":
        return concurrently
    return AddIndex if issubclass(concurrently, AddIndex) else RemoveIndex


class RunOnPostgreSQL(RunPython):
    """Statements that other databases do without."""

    def __init__(self, forwards: Sequence[str], backwards: Sequence[str]) -> None:
        super().__init__(_run("postgresql", forwards), _run("postgresql", backwards))


class RunOnSQLite(RunPython):
    """Statements that other databases do without."""

    def __init__(self, forwards: Sequence[str], backwards: Sequence[str]) -> None:
        super().__init__(_run("sqlite", forwards), _run("sqlite", backwards))


class SwapIndexesUnderLoad(RunOnPostgreSQL):
    """Indexes that only PostgreSQL has: makes those of `new`, then drops those of `old`, while others write.

    Both hold what follows CREATE INDEX and the name, by name. Its migration needs `atomic = False`.
    """

    def __init__(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        super().__init__(_swap(old, new), _swap(new, old))


class FillIndexTerms(RunPython):
    """Gives terms to the rows of a model that have none, on the databases of one vendor, while others write.
    Its migration needs `atomic = False`."""

    def __init__(self, model_name: str, *, vendor: str) -> None:
        def fill(apps: Any, schema_editor: Any) -> None:
            connection = schema_editor.connection
            if connection.vendor == vendor:
                fill_index_terms(apps.get_model("messaging", model_name), connection.alias)

        super().__init__(fill, RunPython.noop, atomic=False)


def _run(vendor: str, statements: Sequence[str]) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == vendor:
            for statement in statements:
                schema_editor.execute(statement, params=None)

    return run


def _swap(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    made = [
        statement
        for name, definition in new.items()
        for statement in (_drop(name), f"CREATE INDEX CONCURRENTLY {name} {definition}")
    ]
    return made + [_drop(name) for name in old]


def _drop(name: str) -> str:
    return f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"'
