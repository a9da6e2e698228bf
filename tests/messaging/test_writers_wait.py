"""A transaction of ours on SQLite takes the writer's lock as it begins, whatever the settings of the host."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections

from messaging.services.transactions import atomic

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite alone"),
]


@pytest.fixture
def host() -> Iterator[Any]:
    """The connection of a host that has given SQLite no thought."""
    connection.ensure_connection()
    ours: Any = connections[DEFAULT_DB_ALIAS]
    usual, ours.transaction_mode = ours.transaction_mode, None
    yield ours
    ours.transaction_mode = usual


def begin_elsewhere() -> None:
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")


def test_nobody_else_begins_to_write_within_it(host: Any):
    with atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        begin_elsewhere()
    begin_elsewhere()


def test_the_mode_of_the_host_is_as_it_was(host: Any):
    with atomic():
        pass
    assert host.transaction_mode is None
