"""Numbers of SQL statements on record; RECORD_STATEMENTS=1 (without -n) renews them."""

import json
import os
from pathlib import Path

from django.db import connection

from messaging.wire.schema import openapi_document


def hold_statements(baseline: Path, name: str, taken: int) -> None:
    """Raise AssertionError where this operation takes another number than the one on record.

    On record is one number, or where the databases differ one for each.
    """
    recorded = json.loads(baseline.read_text())
    held = recorded.get(name)
    numbers = held if isinstance(held, dict) else dict.fromkeys(("postgresql", "sqlite"), held)
    if os.environ.get("RECORD_STATEMENTS") == "1":
        numbers |= {connection.vendor: taken}
        recorded[name] = numbers if len(set(numbers.values())) > 1 else taken
        baseline.write_text(json.dumps(recorded, indent=2, sort_keys=True) + "\n")
    else:
        assert taken == numbers[connection.vendor]


def operations(*, mielto: bool) -> set[str]:
    """The operations of the Mielto wire, or those of the others, as the baselines name them."""
    return {
        operation["summary"].lower().replace(" ", "_")
        for path, methods in openapi_document()["paths"].items()
        for operation in methods.values()
        if ("/api/v1/" in path) is mielto
    }
