"""The same change to many rows at once: exact, announced, and in a fixed number of statements."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Conversation, Message
from messaging.services import (
    BulkOutcome,
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    delete_messages,
    set_conversation_status,
    tag_messages,
)
from messaging.signals import message_updated, messages_deleted
from tests.cast import Tenant
from tests.client import ApiClient, statements


def more(acme: Tenant, count: int) -> list[str]:
    rows = append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=[MessageDraft(content=str(number), tags=["b", "a"]) for number in range(count)],
        writer=Writer(),
    )
    return [row.pk for row in rows]


def tags(pk: str) -> list[str] | None:
    found: list[str] | None = Message.objects.get(pk=pk).tags
    return found


def test_tags_come_behind_those_that_are_there(acme: Tenant):
    [pk] = more(acme, 1)
    outcome = tag_messages(workspace_id=acme.workspace.pk, message_ids=[pk], add=["c", "a", "c"])
    assert (outcome.changed, tags(pk)) == ([pk], ["b", "a", "c"])


def test_tags_are_taken_off(acme: Tenant):
    [pk] = more(acme, 1)
    tag_messages(workspace_id=acme.workspace.pk, message_ids=[pk], remove=["b", "unknown"])
    assert tags(pk) == ["a"]


def test_what_needs_no_change_is_left_alone(acme: Tenant):
    [pk] = more(acme, 1)
    before = Message.objects.get(pk=pk).updated_at
    outcome = tag_messages(workspace_id=acme.workspace.pk, message_ids=[pk, acme.question.pk], add=["a"])
    assert outcome.changed == [acme.question.pk]
    assert Message.objects.get(pk=pk).updated_at == before


def test_messages_of_another_workspace_are_passed_over(acme: Tenant, globex: Tenant):
    outcome = tag_messages(workspace_id=acme.workspace.pk, message_ids=[globex.question.pk], add=["a"])
    assert (outcome.changed, outcome.refused, tags(globex.question.pk)) == ([], {}, None)


def test_messages_that_a_run_holds_are_refused_and_the_others_done(api: ApiClient, acme: Tenant):
    api.post(f"/v1/threads/{acme.conversation.pk}/runs", {})
    [other] = api.post("/api/v1/messages", {"content": {"content": "free"}}).json()
    ids = [acme.question.pk, other["id"]]
    for outcome in (
        tag_messages(workspace_id=acme.workspace.pk, message_ids=ids, add=["a"]),
        delete_messages(workspace_id=acme.workspace.pk, message_ids=ids),
    ):
        assert (outcome.changed, list(outcome.refused)) == ([other["id"]], [acme.question.pk])
        assert "Locked by run_" in str(outcome.refused[acme.question.pk])


def test_deleted_messages_are_counted_out(acme: Tenant):
    ids = more(acme, 3)
    delete_messages(workspace_id=acme.workspace.pk, message_ids=ids[:2])
    row = Conversation.objects.get(pk=acme.conversation.pk)
    assert (row.message_count, row.last_seq) == (3, 5)
    assert Message.objects.in_conversation(row.pk).count() == 3


def test_each_change_is_announced(acme: Tenant, django_capture_on_commit_callbacks):
    ids = more(acme, 2)
    heard: list[object] = []
    receivers: dict[object, Callable[..., None]] = {
        message_updated: lambda message, changed, **kwargs: heard.append((message.pk, changed)),
        messages_deleted: lambda message_ids, **kwargs: heard.append(message_ids),
    }
    for signal, receiver in receivers.items():
        signal.connect(receiver)  # type: ignore[attr-defined]
    with django_capture_on_commit_callbacks(execute=True):
        tag_messages(workspace_id=acme.workspace.pk, message_ids=ids, add=["a", "c"])
        delete_messages(workspace_id=acme.workspace.pk, message_ids=ids)
    for signal, receiver in receivers.items():
        signal.disconnect(receiver)  # type: ignore[attr-defined]
    assert heard == [(ids[0], ["tags"]), (ids[1], ["tags"]), ids]


@pytest.mark.parametrize(("status", "has_end"), [("archived", False), ("ended", True)])
def test_conversations_change_their_status(acme: Tenant, status: str, has_end: bool):
    change = {"workspace_id": acme.workspace.pk, "conversation_ids": [acme.conversation.pk]}
    assert set_conversation_status(**change, status=status).changed == [acme.conversation.pk]
    row = Conversation.objects.get(pk=acme.conversation.pk)
    assert (row.status, row.ended_at is not None) == (status, has_end)
    assert row.updated_at > acme.conversation.updated_at
    assert set_conversation_status(**change, status=status).changed == []
    set_conversation_status(**change, status="active")
    assert Conversation.objects.get(pk=acme.conversation.pk).ended_at is None


ACTIONS: dict[str, Callable[[str, list[str]], BulkOutcome]] = {
    "tag": lambda pk, ids: tag_messages(workspace_id=pk, message_ids=ids, add=["new"]),
    "delete": lambda pk, ids: delete_messages(workspace_id=pk, message_ids=ids),
}


OF_THE_HOST = 3
"""Relations of the hostile host to messages: what refers to deleted ones is looked for, once for each."""


@pytest.mark.parametrize(("action", "expected"), [("tag", 4), ("delete", 11)])
@pytest.mark.parametrize("count", [1, 60])
def test_a_batch_takes_a_fixed_number_of_statements(acme: Tenant, action: str, count: int, expected: int):
    ids = more(acme, count)
    with CaptureQueriesContext(connection) as context:
        assert len(ACTIONS[action](acme.workspace.pk, ids).changed) == count
    relations = OF_THE_HOST if action == "delete" and apps.is_installed("tests.hostapp") else 0
    assert len(statements(context)) == expected + relations


@pytest.mark.parametrize("count", [1, 30])
def test_statuses_take_three_statements(acme: Tenant, count: int):
    made = [create_conversation(workspace_id=acme.workspace.pk, writer=Writer())[0].pk for _ in range(count)]
    with CaptureQueriesContext(connection) as context:
        set_conversation_status(workspace_id=acme.workspace.pk, conversation_ids=made, status="archived")
    assert len(statements(context)) == 3


def test_a_large_conversation_is_deleted_in_batches(
    acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch, api: ApiClient
):
    monkeypatch.setattr("messaging.services.deletion.BATCH", 4)
    more(acme, 11)
    small = [create_conversation(workspace_id=acme.workspace.pk, writer=Writer())[0].pk for _ in range(9)]
    assert api.delete(f"/api/v1/conversations/{acme.conversation.pk}").status_code == 204
    assert not Message.objects.for_workspace(acme.workspace.pk).exists()
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == len(small)
    assert api.delete(f"/api/v1/workspaces/{acme.workspace.pk}?force=true").status_code == 204
    assert Conversation.objects.get() == globex.conversation
