"""Numbers of SQL statements on record; RECORD_STATEMENTS=1 (without -n) renews them."""

import json
import os
from pathlib import Path

from django.db import connection

from messaging.wire.dialect import Dialect
from tests.wires import PREFIX, documented


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
    elif PREFIX and name.startswith("delete"):  # what a host's own models keep of the rows is collected first
        assert taken >= numbers[connection.vendor]
    else:
        assert taken == numbers[connection.vendor]


def operations(dialect: Dialect) -> set[str]:
    """The operations of a wire, as the baselines name them."""
    return {operation.name for operation in documented(dialect)}
