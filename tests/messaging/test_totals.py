"""The totals of a workspace are its conversations and what they hold, whoever writes and however."""

import threading
from collections.abc import Callable
from contextlib import closing
from typing import get_args

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from messaging.models import Conversation, Message, kept_total
from messaging.models.totals import Counted
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    delete_conversation,
    delete_message,
    delete_messages,
    delete_workspace,
    recount_messages,
)
from tests.cast import Tenant
from tests.transfer import exported, imported

pytestmark = pytest.mark.django_db

THREE = [MessageDraft(content=str(number)) for number in range(3)]


Totals = tuple[int, int, int]
"""Conversations, messages, messages of current branches."""


def held(tenant: Tenant) -> Totals:
    """How many conversations there are, and what their counters add up to."""
    conversations = Conversation.objects.for_workspace(tenant.workspace.pk)
    counters = conversations.aggregate(messages=Sum("message_count"), superseded=Sum("superseded_count"))
    messages, superseded = counters["messages"] or 0, counters["superseded"] or 0
    return conversations.count(), messages, messages - superseded


def kept(tenant: Tenant) -> Totals:
    workspaces = [tenant.workspace.pk]
    conversations, messages, current = (kept_total(column, workspaces) for column in get_args(Counted))
    return conversations, messages, current


def append(tenant: Tenant, drafts: list[MessageDraft] = THREE) -> list[Message]:
    return append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        drafts=drafts,
        writer=Writer(),
    )


def append_history(tenant: Tenant) -> None:
    append(tenant, [MessageDraft(content="then", created_at=timezone.now())])


def open_one(tenant: Tenant) -> None:
    create_conversation(workspace_id=tenant.workspace.pk, writer=Writer(), drafts=THREE)


def import_back(tenant: Tenant) -> None:
    source = exported(tenant)
    delete_it(tenant)
    imported(tenant, source)


def delete_one(tenant: Tenant) -> None:
    delete_message(workspace_id=tenant.workspace.pk, message_id=tenant.question.pk)


def delete_some(tenant: Tenant) -> None:
    delete_messages(workspace_id=tenant.workspace.pk, message_ids=[row.pk for row in append(tenant)])


def delete_it(tenant: Tenant) -> None:
    delete_conversation(workspace_id=tenant.workspace.pk, conversation_id=tenant.conversation.pk)


def supersede_one(tenant: Tenant) -> None:
    append(tenant, [MessageDraft(content="anew", supersedes=tenant.question.pk)])


def delete_superseded(tenant: Tenant) -> None:
    supersede_one(tenant)
    delete_one(tenant)


def delete_it_with_branches(tenant: Tenant) -> None:
    supersede_one(tenant)
    delete_it(tenant)


def write_behind_our_back(tenant: Tenant) -> None:
    Conversation.objects.create(workspace=tenant.workspace, message_count=5)
    Conversation.objects.filter(pk=tenant.conversation.pk).update(message_count=77)


def delete_behind_our_back(tenant: Tenant) -> None:
    open_one(tenant)
    Conversation.objects.filter(pk=tenant.conversation.pk).delete()


@pytest.mark.parametrize(
    "happens",
    [
        append,
        append_history,
        open_one,
        import_back,
        delete_one,
        delete_some,
        delete_it,
        supersede_one,
        delete_superseded,
        delete_it_with_branches,
        write_behind_our_back,
        delete_behind_our_back,
    ],
)
def test_they_follow_whatever_happens(acme: Tenant, globex: Tenant, happens: Callable[[Tenant], object]):
    others = held(globex)
    happens(acme)
    assert kept(acme) == held(acme)
    assert kept(globex) == held(globex) == others


def test_a_conversation_that_moves_takes_its_messages_along(acme: Tenant, globex: Tenant):
    together = tuple(sum(both) for both in zip(held(acme), held(globex), strict=True))
    Conversation.objects.filter(pk=acme.conversation.pk).update(workspace=globex.workspace)
    Message.objects.in_conversation(acme.conversation.pk).update(workspace=globex.workspace)
    assert kept(acme) == (0, 0, 0)
    assert kept(globex) == together


def test_several_workspaces_together(acme: Tenant, globex: Tenant):
    append(acme)
    for place, column in enumerate(get_args(Counted)):
        assert kept_total(column, None) == held(acme)[place] + held(globex)[place]
        assert kept_total(column, [acme.workspace.pk, "wsp_unknown"]) == held(acme)[place]
        assert kept_total(column, []) == 0


def test_nothing_is_kept_of_a_workspace_that_is_gone(acme: Tenant):
    delete_workspace(workspace_id=acme.workspace.pk, force=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM parley_workspace_total WHERE workspace_id = %s", [acme.workspace.pk]
        )
        assert cursor.fetchone() == (0,)


def test_counting_anew_corrects_what_was_written_behind_our_back(acme: Tenant, globex: Tenant, capsys):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM parley_message WHERE id = %s", [acme.question.pk])
        cursor.execute("UPDATE parley_workspace_total SET conversations = 99, superseded = 99")
    call_command("recount_messages")
    assert capsys.readouterr().out == "Corrected 1 conversations.\n"
    for tenant in (acme, globex):
        count = Message.objects.for_workspace(tenant.workspace.pk).count()
        assert held(tenant) == kept(tenant) == (1, count, count)


@pytest.fixture
def on_postgresql(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps one row for each workspace")


def test_they_are_kept_whatever_the_search_path(on_postgresql: None, acme: Tenant):
    """As in a session that restores a dump."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute("UPDATE public.parley_conversation SET message_count = message_count + 5")
        cursor.execute("RESET search_path")
    assert kept(acme) == held(acme) == (1, 7, 7)


class Beside(threading.Thread):
    """Somebody else's transaction: what it runs first is done when the thread has been started."""

    def __init__(self, first: str, then: str, parameters: list[str]) -> None:
        super().__init__()
        self.first, self.then, self.parameters = first, then, parameters
        self.begun, self.may_end = threading.Event(), threading.Event()

    def run(self) -> None:
        with closing(connection), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(self.first, self.parameters)
            self.begun.set()
            self.may_end.wait(0.5)
            cursor.execute(self.then, self.parameters)

    def __enter__(self) -> None:
        self.start()
        self.begun.wait(10)

    def __exit__(self, *_: object) -> None:
        self.may_end.set()
        self.join()


@pytest.mark.django_db(transaction=True)
def test_a_workspace_is_deleted_without_waiting_for_its_totals(on_postgresql: None, acme: Tenant):
    """Who opens a conversation there may hold them while waiting for the workspace: neither would get on."""
    hold = "SELECT * FROM parley_workspace_total WHERE workspace_id = %s FOR UPDATE"
    with Beside(hold, hold, [acme.workspace.pk]), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
        delete_workspace(workspace_id=acme.workspace.pk, force=True)
        cursor.execute("RESET lock_timeout")
    assert kept(acme) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_counting_anew_waits_for_who_has_locked_a_conversation(on_postgresql: None, acme: Tenant):
    lock = "SELECT * FROM parley_conversation WHERE id = %s FOR UPDATE"
    write = "UPDATE parley_conversation SET message_count = 9 WHERE id = %s"
    Conversation.objects.update(message_count=7)
    with Beside(lock, write, [acme.conversation.pk]):
        recount_messages()
    assert kept(acme) == held(acme) == (1, 2, 2)


WRITERS, CHANGES = 4, 1_000


@pytest.mark.django_db(transaction=True)
def test_a_workspace_has_as_many_rows_as_write_at_once(on_postgresql: None):
    seen: list[int] = []

    def write() -> None:  # in a thread, which has a connection of its own
        with closing(connection), connection.cursor() as cursor:
            for _ in range(CHANGES):
                cursor.execute("SELECT parley_add_to_total('wsp_busy', 0, 1, 0)")

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen.append(kept_total("messages", ["wsp_busy"]))
    assert seen == sorted(seen)
    assert kept_total("messages", ["wsp_busy"]) == WRITERS * CHANGES
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM parley_workspace_total WHERE workspace_id = 'wsp_busy'")
        [rows] = cursor.fetchone()
        cursor.execute("DELETE FROM parley_workspace_total WHERE workspace_id = 'wsp_busy'")
    assert rows <= WRITERS
