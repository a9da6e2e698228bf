"""The operations by which migrations run SQL of one database."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.migrations import RunPython

__all__ = ["RunOn"]


class RunOn(RunPython):
    """Statements for the databases of one vendor; the others do without."""

    def __init__(self, vendor: str, *, forwards: Sequence[str], backwards: Sequence[str]) -> None:
        super().__init__(_run(vendor, forwards), _run(vendor, backwards))


def _run(vendor: str, statements: Sequence[str]) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == vendor:
            for statement in statements:
                schema_editor.execute(statement, params=None)

    return run
