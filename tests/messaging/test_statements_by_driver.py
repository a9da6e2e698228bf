"""Statements that pass by Django's cursor answer, fail and are counted as those that do not."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction

from messaging.models import Message
from messaging.services import MessageDraft, Writer, append_messages
from messaging.sql.insertions import LARGE
from messaging.sql.running import rows_of
from messaging.sql.tally import tally
from tests.cast import Tenant
from tests.client import ApiClient

WATCHING = "config.watching.middleware.Watching"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[False, True], ids=["cursor", "driver"])
def prepared(acme: Tenant, settings: Any, request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether statements pass by Django's cursor. Nobody watches the connection meanwhile."""
    settings.PARLEY = {"PREPARED_STATEMENTS": request.param}
    yield request.param
    connection.close()


def append(tenant: Tenant, *drafts: MessageDraft) -> list[Message]:
    return append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        drafts=drafts,
        writer=Writer(),
    )


def test_values_and_percent_signs(prepared: bool):
    text = "SELECT '100%%', CAST(%s AS text), '%%s'"
    assert [tuple(row) for row in rows_of(text, ["50%s"], "default")] == [("100%", "50%s", "%s")]


def test_a_statement_without_rows(prepared: bool, acme: Tenant):
    text = "UPDATE parley_workspace SET name = %s WHERE id = %s"
    assert rows_of(text, ["Acme & Sons", acme.workspace.pk], "default") == []
    acme.workspace.refresh_from_db()
    assert acme.workspace.name == "Acme & Sons"


def test_rows_come_back_as_they_were_written(prepared: bool, acme: Tenant):
    drafts = [
        MessageDraft(content="small \u00e9", tags=["a"], meta_data={"n": 2**70, "b": True, "z": None}),
        MessageDraft(content="x" * (LARGE + 1), tool_calls=[{"id": "call_1", "f": 1e16}]),
    ]
    rows = append(acme, *drafts)
    stored = Message.objects.filter(workspace_id=acme.workspace.pk, pk__in=[row.pk for row in rows])
    names = [field.attname for field in Message._meta.concrete_fields]
    for row, kept in zip(rows, stored.order_by("seq"), strict=True):
        assert {name: getattr(kept, name) for name in names} == {name: getattr(row, name) for name in names}


def test_errors_are_those_of_django(prepared: bool, acme: Tenant):
    with pytest.raises(IntegrityError):
        append(acme, MessageDraft(id=acme.question.pk, content="x"))
    with pytest.raises((OperationalError, ProgrammingError)):
        rows_of("SELECT nothing FROM nowhere", [], "default")


def test_a_broken_transaction_takes_no_statement(prepared: bool, acme: Tenant):
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            rows_of("SELECT 1", [], "default")


def test_a_closed_connection_is_opened(prepared: bool):
    connection.close()
    assert rows_of("SELECT 1", [], "default") == [(1,)]


def test_whoever_watches_a_connection_sees_every_statement(prepared: bool, acme: Tenant):
    seen: list[str] = []

    def watch(execute: Any, sql: str, *further: Any) -> Any:
        seen.append(sql)
        return execute(sql, *further)

    with connection.execute_wrapper(watch):
        append(acme, MessageDraft(content="x"))
    assert [sql for sql in seen if "INSERT INTO" in sql and "parley_message" in sql]


def test_statements_are_counted(prepared: bool, api: ApiClient, settings: Any):
    if not prepared and WATCHING not in settings.MIDDLEWARE:
        pytest.skip("only the service counts what passes by Django's cursor")
    api.get("/api/v1/auth/session")  # whose record counts what this thread asks of the database
    rows_of("SELECT 1", [], "default")
    before = tally.statements
    rows_of("SELECT 1", [], "default")
    assert tally.statements - before == 1
