"""What statements on leases have in common: one clock, that of the database, and a name for each holder."""

import os
import secrets
import socket

NOW = {"postgresql": "STATEMENT_TIMESTAMP()", "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"}
LATER = {
    "postgresql": "STATEMENT_TIMESTAMP() + interval '{seconds} seconds'",
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '{seconds:+d} seconds')",
}
"""So many seconds from now, or before now where they are negative."""
PASSING_OVER = {"postgresql": "FOR UPDATE SKIP LOCKED", "sqlite": ""}
"""A worker passes over the row that another is about to take. SQLite has one writer at a time."""


def new_holder() -> str:
    """A name for whoever takes a lease: where it runs, and what tells it from all others there."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
