"""The total of a workspace follows the counters of its conversations, whoever writes them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import F, Sum

from messaging.models import Conversation, Workspace, kept_total
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    create_workspace,
    delete_conversation,
    delete_workspace,
)
from tests.cast import Tenant

only_on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite adds up the counters"
)
HELLO = [MessageDraft(content="hello")]


def added_up(workspace: Workspace) -> int:
    return Conversation.objects.for_workspace(workspace.pk).aggregate(n=Sum("message_count"))["n"] or 0


def rows_kept() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id, messages FROM messaging_message_total")
        rows: list[tuple[str, int]] = cursor.fetchall()
        return rows


@contextmanager
def another_connection(*, isolation: str = "READ COMMITTED") -> Iterator[psycopg.Connection]:
    given = {name: value for name, value in connection.get_connection_params().items() if name in CONNECTING}
    with psycopg.connect(**given, autocommit=True) as other:
        other.execute(f"SET default_transaction_isolation TO '{isolation}'")
        yield other


CONNECTING = {"dbname", "user", "password", "host", "port"}
ADD = "UPDATE messaging_conversation SET message_count = message_count + 1 WHERE id = %s"


def test_it_follows_every_service(acme: Tenant, globex: Tenant):
    before, others = kept_total(workspace_id=acme.workspace.pk), kept_total(workspace_id=globex.workspace.pk)
    conversation, _ = create_conversation(workspace_id=acme.workspace.pk, drafts=HELLO * 3, writer=Writer())
    for _ in range(2):
        append_messages(
            workspace_id=acme.workspace.pk, conversation_id=conversation.pk, drafts=HELLO, writer=Writer()
        )
    assert kept_total(workspace_id=acme.workspace.pk) == before + 5 == added_up(acme.workspace)
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=conversation.pk)
    assert kept_total(workspace_id=acme.workspace.pk) == before == added_up(acme.workspace)
    assert kept_total(workspace_id=globex.workspace.pk) == others == added_up(globex.workspace)


def test_it_follows_one_statement_for_many_conversations(acme: Tenant, globex: Tenant):
    conversations = Conversation.objects.filter(workspace__in=[acme.workspace, globex.workspace])
    conversations.update(message_count=F("message_count") + 1_000)
    for tenant in (acme, globex):
        assert kept_total(workspace_id=tenant.workspace.pk) == added_up(tenant.workspace) > 1_000


def test_it_follows_a_conversation_that_moves(acme: Tenant, globex: Tenant):
    Conversation.objects.filter(pk=acme.conversation.pk).update(workspace=globex.workspace, message_count=40)
    for tenant in (acme, globex):
        assert kept_total(workspace_id=tenant.workspace.pk) == added_up(tenant.workspace)


def test_what_is_rolled_back_was_never_counted(acme: Tenant):
    before = kept_total(workspace_id=acme.workspace.pk)
    with transaction.atomic():
        Conversation.objects.filter(pk=acme.conversation.pk).update(message_count=1_000)
        transaction.set_rollback(True)
    assert kept_total(workspace_id=acme.workspace.pk) == before


@only_on_postgresql
def test_what_changes_no_counter_adds_no_row(acme: Tenant):
    before = rows_kept()
    Conversation.objects.update(title="new")
    assert rows_kept() == before


@only_on_postgresql
def test_nothing_is_left_of_a_deleted_workspace(acme: Tenant):
    workspace = create_workspace(name="Short")
    create_conversation(workspace_id=workspace.pk, drafts=HELLO, writer=Writer())
    delete_workspace(workspace_id=workspace.pk, force=True)
    assert workspace.pk not in dict(rows_kept())
    assert acme.workspace.pk in dict(rows_kept())


@only_on_postgresql
def test_nothing_is_left_of_a_workspace_that_was_deleted_with_the_orm(acme: Tenant):
    workspace = create_workspace(name="Short")
    create_conversation(workspace_id=workspace.pk, drafts=HELLO, writer=Writer())
    workspace.delete()
    assert workspace.pk not in dict(rows_kept())


@only_on_postgresql
def test_its_rows_are_folded_now_and_then(acme: Tenant):
    for _ in range(1_000):
        Conversation.objects.filter(pk=acme.conversation.pk).update(message_count=F("message_count") + 1)
    rows = [row for row in rows_kept() if row[0] == acme.workspace.pk]
    assert len(rows) < 900
    assert sum(messages for _, messages in rows) == added_up(acme.workspace) > 1_000


@only_on_postgresql
@pytest.mark.django_db(transaction=True)
def test_truncated_conversations_have_no_totals(acme: Tenant):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE messaging_conversation CASCADE")
    assert rows_kept() == []


@only_on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
def test_writers_of_different_conversations_do_not_meet(acme: Tenant, isolation: str):
    """Neither waits for the other, and folding is no reason to fail."""
    second, _ = create_conversation(workspace_id=acme.workspace.pk, writer=Writer())
    fold = "SELECT messaging_fold_total(%s)"
    with (
        another_connection(isolation=isolation) as one,
        another_connection(isolation=isolation) as two,
        one.transaction(),
    ):
        one.execute(ADD, [acme.conversation.pk])
        with two.transaction():
            two.execute("SET LOCAL lock_timeout TO '5s'")
            two.execute(ADD, [second.pk])
            two.execute(fold, [acme.workspace.pk])
        one.execute(fold, [acme.workspace.pk])
    assert kept_total(workspace_id=acme.workspace.pk) == added_up(acme.workspace) == 4


@only_on_postgresql
@pytest.mark.django_db(transaction=True)
def test_many_writers_lose_nothing(acme: Tenant):
    conversations = [acme.conversation.pk] + [
        create_conversation(workspace_id=acme.workspace.pk, writer=Writer())[0].pk for _ in range(3)
    ]
    before = kept_total(workspace_id=acme.workspace.pk)

    def write(conversation_id: str) -> None:
        with another_connection() as other:
            for _ in range(200):
                other.execute(ADD, [conversation_id])

    threads = [threading.Thread(target=write, args=[pk]) for pk in conversations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept_total(workspace_id=acme.workspace.pk) == before + 800 == added_up(acme.workspace)
