"""What PostgreSQL has prepared for a connection may be overtaken by events; no request notices."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from messaging.models import Message, Workspace
from messaging.services import MessageDraft, Writer, append_messages
from messaging.sql.running import PREPARE_AFTER
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite prepares nothing of ours"),
    pytest.mark.django_db(transaction=True),
]


def elsewhere(sql: str) -> None:
    """Run in a session of its own."""
    with connection.copy().cursor() as other:
        other.execute(sql)
        other.connection.close()


@pytest.fixture
def prepared(api: ApiClient, acme: Tenant, settings: pytest.FixtureRequest) -> Iterator[ApiClient]:
    """A client whose requests run prepared statements: those of authentication, of appending and of pages."""
    settings.PARLEY = {"PREPARED_STATEMENTS": True}  # type: ignore[attr-defined]
    for _ in range(PREPARE_AFTER + 2):
        assert write(api, acme) == 201
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone()[0] >= 2
    yield api
    connection.close()


def write(api: ApiClient, tenant: Tenant) -> int:
    path = f"/api/v1/conversations/{tenant.conversation.pk}/messages"
    return int(api.post(path, {"content": "x"}).status_code)


def append(tenant: Tenant, sender_id: str, message_id: str | None = None) -> list[Message]:
    return append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        drafts=[MessageDraft(id=message_id, content="x", sender_id=sender_id)],
        writer=Writer(),
    )


def test_a_migration_that_changes_a_column(prepared: ApiClient, acme: Tenant):
    elsewhere("ALTER TABLE parley_apikey ALTER COLUMN label TYPE varchar(300)")
    try:
        assert write(prepared, acme) == 201
    finally:
        elsewhere("ALTER TABLE parley_apikey ALTER COLUMN label TYPE varchar(255)")
    assert write(prepared, acme) == 201


def test_a_session_that_was_emptied(prepared: ApiClient, acme: Tenant):
    with connection.cursor() as cursor:
        cursor.execute("DISCARD ALL")
    assert write(prepared, acme) == 201


@pytest.mark.parametrize(
    ("query", "times"), [("limit=5", 1), ("search=x", 0), ("tags=x", 0), ("role=user", 0)]
)
def test_pages_are_prepared_but_what_a_filter_finds_is_not(
    prepared: ApiClient, acme: Tenant, query: str, times: int
):
    for _ in range(2 * PREPARE_AFTER):
        prepared.get(f"/api/v1/messages?{query}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%ORDER BY%'")
        assert cursor.fetchone()[0] == times


def test_a_page_after_a_migration_that_changes_a_column(prepared: ApiClient, acme: Tenant):
    def contents() -> list[str]:
        found = prepared.get(f"/api/v1/messages?conversation_id={acme.conversation.pk}&limit=2")
        return [row["content"] for row in found.json()["data"]]

    for _ in range(2 * PREPARE_AFTER):
        before = contents()
    elsewhere("ALTER TABLE parley_message ALTER COLUMN role TYPE varchar(70)")
    try:
        assert contents() == before == ["x", "x"]
    finally:
        elsewhere("ALTER TABLE parley_message ALTER COLUMN role TYPE varchar(64)")


def test_a_refused_append_leaves_the_transaction_of_the_caller_usable(prepared: ApiClient, acme: Tenant):
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            append(acme, "ada", message_id=acme.question.pk)
        assert Workspace.objects.filter(pk=acme.workspace.pk).exists()
        append(acme, "ada")
    assert Message.objects.filter(sender_id="ada").count() == 1


def test_whoever_commits_by_hand_appends_as_anybody(prepared: ApiClient, acme: Tenant):
    transaction.set_autocommit(False)
    try:
        append(acme, "ada")
        append(acme, "ada")
        transaction.commit()
    finally:
        transaction.set_autocommit(True)
    assert Message.objects.filter(sender_id="ada").count() == 2


def test_whoever_watches_a_connection_sees_every_statement(prepared: ApiClient, acme: Tenant):
    seen: list[str] = []

    def watch(execute: Any, sql: str, *further: Any) -> Any:
        seen.append(sql)
        return execute(sql, *further)

    with connection.execute_wrapper(watch):
        assert write(prepared, acme) == 201
    assert [sql for sql in seen if "INSERT INTO" in sql and "parley_message" in sql]
    assert [sql for sql in seen if "parley_apikey" in sql]


def test_a_broken_transaction_takes_no_statement(prepared: ApiClient, acme: Tenant):
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            append(acme, "ada")
    assert not Message.objects.filter(sender_id="ada").exists()
