"""A connection that died while it was idle is replaced by the request that finds it dead."""

import pytest
from django.db import OperationalError, connection, transaction

from messaging.sql.running import reconnecting
from tests.client import ApiClient

postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no server to lose")


def end_own_session() -> None:
    """As a restart of the server, or its administrator, would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [process] = cursor.fetchone()
    with connection.copy().cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        other.connection.close()


@postgresql
@pytest.mark.django_db(transaction=True)
def test_the_next_request_is_answered(api: ApiClient):
    end_own_session()
    assert api.get("/api/v1/messages").status_code == 200
    end_own_session()
    assert api.post("/api/v1/messages", {"content": {"content": "hi"}}).status_code == 201


@postgresql
@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_nothing_is_repeated():
    calls = []

    def work() -> None:
        calls.append(1)
        connection.cursor().execute("SELECT 1")

    with pytest.raises(OperationalError), transaction.atomic():
        connection.cursor().execute("SELECT 1")
        end_own_session()
        reconnecting("default", work)
    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_a_fault_of_the_statement_is_not_repeated():
    calls = []

    def work() -> None:
        calls.append(1)
        raise OperationalError("deadlock detected")

    connection.ensure_connection()
    with pytest.raises(OperationalError):
        reconnecting("default", work)
    assert len(calls) == 1
