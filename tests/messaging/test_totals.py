"""The totals of a workspace are its conversations and what they hold, whoever writes and however."""

import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from messaging.models import Conversation, Message, kept_conversation_count, kept_total
from messaging.models.totals import kept_total_of_all
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    delete_conversation,
    delete_message,
    delete_messages,
    delete_workspace,
)
from tests.cast import Tenant
from tests.transfer import exported, imported

pytestmark = pytest.mark.django_db

THREE = [MessageDraft(content=str(number)) for number in range(3)]


Totals = tuple[int, int]
"""Conversations, messages."""


def held(tenant: Tenant) -> Totals:
    """How many conversations there are, and what their counters add up to."""
    conversations = Conversation.objects.for_workspace(tenant.workspace.pk)
    return conversations.count(), conversations.aggregate(total=Sum("message_count"))["total"] or 0


def kept(tenant: Tenant) -> Totals:
    workspace_id = tenant.workspace.pk
    return kept_conversation_count(workspace_id=workspace_id), kept_total(workspace_id=workspace_id)


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
    conversations, messages = (sum(both) for both in zip(held(acme), held(globex), strict=True))
    Conversation.objects.filter(pk=acme.conversation.pk).update(workspace=globex.workspace)
    assert kept(acme) == (0, 0)
    assert kept(globex) == (conversations, messages)


def test_several_workspaces_together(acme: Tenant, globex: Tenant):
    append(acme)
    for place, column in enumerate(("conversations", "messages")):
        assert kept_total_of_all(column) == held(acme)[place] + held(globex)[place]
        assert kept_total_of_all(column, [acme.workspace.pk, "wsp_unknown"]) == held(acme)[place]
        assert kept_total_of_all(column, []) == 0


def test_nothing_is_kept_of_a_workspace_that_is_gone(acme: Tenant):
    delete_workspace(workspace_id=acme.workspace.pk, force=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM messaging_workspace_total WHERE workspace_id = %s", [acme.workspace.pk]
        )
        assert cursor.fetchone() == (0,)


def test_counting_anew_corrects_what_was_written_behind_our_back(acme: Tenant, globex: Tenant, capsys):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM messaging_message WHERE id = %s", [acme.question.pk])
        cursor.execute("UPDATE messaging_workspace_total SET conversations = 99, messages = 99")
    call_command("recount_messages")
    assert capsys.readouterr().out == "Corrected 1 conversations.\n"
    for tenant in (acme, globex):
        count = Message.objects.for_workspace(tenant.workspace.pk).count()
        assert held(tenant) == kept(tenant) == (1, count)


WRITERS, CHANGES = 4, 1_000


@pytest.mark.django_db(transaction=True)
def test_changes_are_put_together_and_no_reader_notices():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps one row for each workspace")
    seen: list[int] = []

    def write() -> None:  # in a thread, which has a connection of its own
        with closing(connection), connection.cursor() as cursor:
            for _ in range(CHANGES):
                cursor.execute("SELECT messaging_add_to_total('wsp_busy', 0, 1)")

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen.append(kept_total(workspace_id="wsp_busy"))
    assert seen == sorted(seen)
    assert kept_total(workspace_id="wsp_busy") == WRITERS * CHANGES
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM messaging_workspace_total WHERE workspace_id = 'wsp_busy'")
        [rows] = cursor.fetchone()
        cursor.execute("DELETE FROM messaging_workspace_total WHERE workspace_id = 'wsp_busy'")
    assert rows < WRITERS * CHANGES / 2
