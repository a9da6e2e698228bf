"""What the database undid for a reason that passes is done again, and nothing is done twice."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError, connection, connections, transaction
from psycopg import errors

from messaging.models import Message
from messaging.services import append_messages, transactions
from messaging.sql.passing import awaiting_locks
from messaging.wire import repeating as module
from messaging.wire.repeating import repeating
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no server"),
    pytest.mark.django_db(transaction=True),
]

PATH = "/api/v1/messages"
BODY = {"content": {"content": "hi"}}


@pytest.fixture
def api(acme: Tenant) -> ApiClient:
    """A client that sees answers, and not what raised them."""
    made = ApiClient(acme.secret)
    made.client.raise_request_exception = False
    return made


def stored() -> int:
    return Message.objects.filter(content="hi").count()


def raising(*raised: Exception) -> Callable[[], str]:
    """Work that raises these, one at a time, and then succeeds."""
    left = list(raised)

    def work() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return work


def error_of(cause: type[Exception], kind: type[Exception] = OperationalError) -> Exception:
    error = kind("it passes")
    error.__cause__ = cause()
    return error


@pytest.mark.parametrize(
    "cause",
    [
        errors.SerializationFailure,
        errors.DeadlockDetected,
        errors.AdminShutdown,
        errors.DuplicatePreparedStatement,
        errors.InvalidSqlStatementName,
        errors.FeatureNotSupported,
    ],
)
def test_what_was_undone_is_done_once_more(cause: type[Exception]):
    assert repeating("POST", raising(error_of(cause, ProgrammingError))) == "done"
    with pytest.raises(ProgrammingError):
        repeating("POST", raising(*[error_of(cause, ProgrammingError)] * 2))


@pytest.mark.parametrize("cause", [errors.UniqueViolation, errors.UndefinedTable, errors.QueryCanceled])
def test_what_would_fail_again_is_not(cause: type[Exception]):
    with pytest.raises(ProgrammingError):
        repeating("POST", raising(error_of(cause, ProgrammingError)))


@pytest.mark.parametrize(("method", "outcome"), [("GET", 200), ("POST", 503)])
def test_a_lost_connection_is_noticed_by_writers_alone(
    api: ApiClient, acme: Tenant, monkeypatch: pytest.MonkeyPatch, method: str, outcome: int
):
    """Of a write nobody knows whether it was done; a retry with a key finds out."""
    from messaging.wire.view import WireViewSet

    find = WireViewSet.writer if method == "POST" else WireViewSet.page_of
    lost: list[bool] = []

    def lose(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not lost:
            lost.append(True)
            connection.connection.close()
        return find(self, *args, **kwargs)

    monkeypatch.setattr(WireViewSet, find.__name__, lose)
    response = api.call(method, PATH, BODY if method == "POST" else None)
    assert (response.status_code, lost) == (outcome, [True])
    assert api.call(method, PATH, BODY if method == "POST" else None).status_code < 300


def test_a_terminated_session_is_no_fault(api: ApiClient, acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    from messaging.api.messages import views

    killed: list[int] = []

    def terminated(**given: Any) -> Any:
        if not killed:
            killed.append(connection.connection.info.backend_pid)
            with another() as other:
                other.execute("SELECT pg_terminate_backend(%s)", killed)
            with transaction.atomic():
                return append_messages(**given)
        return append_messages(**given)

    monkeypatch.setattr(views, "append_messages", terminated)
    body = BODY | {"conversation_id": acme.conversation.pk}
    assert api.post(PATH, body).status_code == 201
    assert (len(killed), stored()) == (1, 1)


def test_nothing_is_repeated_once_something_is_stored(acme: Tenant):
    def store_and_fail() -> None:
        with transactions.atomic():
            Message.objects.for_workspace(acme.workspace.pk).update(content="hi")
        done.append(True)
        raise error_of(errors.AdminShutdown)

    done: list[bool] = []
    with pytest.raises(OperationalError):
        repeating("POST", store_and_fail)
    assert len(done) == 1


def test_a_commit_whose_answer_is_lost_is_told_as_such(api: ApiClient, monkeypatch: pytest.MonkeyPatch):
    kind: Any = type(connections["default"])
    usual = kind._commit

    def lose(self: Any) -> None:
        usual(self)
        raise error_of(errors.AdminShutdown)

    monkeypatch.setattr(kind, "_commit", lose)
    response = api.post(PATH, BODY, idempotency_key="k")
    monkeypatch.undo()
    assert (response.status_code, "Retry-After" in response) == (503, True)
    assert "not known whether this was stored" in response.json()["detail"]
    assert api.post(PATH, BODY, idempotency_key="k")["Idempotent-Replayed"] == "true"
    assert stored() == 1


@contextmanager
def another() -> Iterator[Any]:
    """A session of its own."""
    copy = connection.copy()
    try:
        with copy.cursor() as cursor:
            yield cursor
    finally:
        copy.close()


@contextmanager
def locked(conversation_id: str) -> Iterator[None]:
    with another() as other:
        other.execute("BEGIN")
        other.execute("SELECT 1 FROM parley_conversation WHERE id = %s FOR UPDATE", [conversation_id])
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize("waiters", [1, 3])
def test_a_lock_is_awaited_for_as_long_as_is_allowed(api: ApiClient, acme: Tenant, waiters: int):
    """Whoever is first in line waits for one of the two steps that PostgreSQL bounds, others for both."""
    body = BODY | {"conversation_id": acme.conversation.pk}

    def write(_: int) -> tuple[int, float]:
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 500")
        with awaiting_locks(1.0):
            status = api.post(PATH, body).status_code
        connections.close_all()
        return status, time.monotonic() - began

    with locked(acme.conversation.pk), ThreadPoolExecutor(waiters) as pool:
        outcomes = list(pool.map(write, range(waiters)))
    assert {status for status, _ in outcomes} == {503}
    assert min(seconds for _, seconds in outcomes) > 0.8
    assert max(seconds for _, seconds in outcomes) < 1.9  # both steps for as long would be 2
    assert api.post(PATH, body).status_code == 201
    assert stored() == 1


def test_a_lock_that_is_free_in_time_is_taken(acme: Tenant, api: ApiClient):
    body = BODY | {"conversation_id": acme.conversation.pk}

    def write() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 200")
        with awaiting_locks(5.0):
            status: int = api.post(PATH, body).status_code
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)  # that of the session's beginning
        connections.close_all()
        return status

    with ThreadPoolExecutor(1) as pool:
        with locked(acme.conversation.pk):
            waiting = pool.submit(write)
            time.sleep(1)
        assert waiting.result() == 201
    assert stored() == 1


def test_without_an_allowance_it_is_refused_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "lock_wait_of", None)
    with pytest.raises(OperationalError):
        repeating("POST", raising(error_of(errors.LockNotAvailable)))
