"""Behind a pooler of transactions one session gets what another one prepared, so nothing is prepared."""

import contextlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from messaging.models import Message
from messaging.sql import running
from messaging.sql.running import POOLED, PREPARE_AFTER
from tests.cast import Tenant
from tests.client import ApiClient
from tests.pgbouncer import BINARY, pooling

pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no poolers"),
    pytest.mark.skipif(BINARY is None, reason="PgBouncer is not installed: apt-get install pgbouncer"),
    pytest.mark.django_db(transaction=True),
]

SESSIONS, CLIENTS = 2, 8
BODY = {"content": {"content": "x"}}


@pytest.fixture
def prepared(settings: Any) -> None:
    """What can be prepared is; its name keeps those away who watch connections."""
    settings.PARLEY = {"PREPARED_STATEMENTS": True}


@contextlib.contextmanager
def behind_a_pooler() -> Iterator[None]:
    """Within, what connects anew comes to the pooler."""
    with pooling(connection.settings_dict, sessions=SESSIONS) as port, pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "PORT", port)
        # As behind IDLE_TRANSACTION_SECONDS=0: PgBouncer refuses what it would have to pass on.
        patch.delitem(connection.settings_dict["OPTIONS"], "options", raising=False)
        yield
        connection.close()


@pytest.fixture
def pooled(acme: Tenant, prepared: None) -> Iterator[None]:
    running._warn_once.cache_clear()
    with behind_a_pooler():
        connection.close()
        yield


def exchange(client: ApiClient, times: int = 3 * PREPARE_AFTER) -> set[int]:
    """The statuses of writes and reads, on a connection of the thread's own."""
    try:
        return exchange_here(client, times)
    finally:
        connections.close_all()


def exchange_here(client: ApiClient, times: int = 1) -> set[int]:
    posted = {client.post("/api/v1/messages", BODY).status_code for _ in range(times)}
    return posted | {client.get("/api/v1/messages?limit=5").status_code for _ in range(times)}


def test_no_request_notices_the_pooler(
    api: ApiClient, stranger: ApiClient, pooled: None, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.WARNING, "messaging")
    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = set[int]().union(*pool.map(exchange, [api, stranger] * (CLIENTS // 2)))
    assert statuses == {200, 201}
    assert Message.objects.filter(content="x").count() == CLIENTS * 3 * PREPARE_AFTER
    assert "There is a pooler before the database default: its statements are not prepared" in caplog.messages


def test_each_connection_is_asked_once(api: ApiClient, prepared: None):
    connection.close()
    assert exchange_here(api) == {200, 201}
    direct = connection.connection
    assert getattr(connection, POOLED) == (direct, False)
    with behind_a_pooler():
        assert exchange_here(api) == {200, 201}
        assert connection.connection is direct
        connection.close()
        assert exchange_here(api) == {200, 201}
        assert getattr(connection, POOLED) == (connection.connection, True)
