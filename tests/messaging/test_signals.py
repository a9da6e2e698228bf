"""The public signals: after the commit, once, and never able to hurt the write."""

import logging

import pytest
from django.db import IntegrityError

from messaging.exceptions import ConversationNotFound
from messaging.services import MessageDraft, Writer, append_messages
from messaging.services.transactions import atomic, is_undivided
from messaging.signals import message_updated, messages_created, messages_deleted
from tests.cast import Tenant
from tests.client import ApiClient


@pytest.fixture
def heard():
    """What the signals said: (signal, details) in the order of arrival."""
    calls = []
    receivers = {}
    for signal in (messages_created, message_updated, messages_deleted):

        def receive(sender, signal, **details):
            calls.append((signal, details))

        receivers[signal] = receive
        signal.connect(receive)
    yield calls
    for signal, receiver in receivers.items():
        signal.disconnect(receiver)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Runs what waits for the commit, as a real commit would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.mark.wire("mielto", "create_message", "messages_created carries the new rows and enable_memories")
@pytest.mark.parametrize("enable_memories", [True, False])
def test_new_messages_are_announced(api: ApiClient, acme: Tenant, heard, committed, enable_memories):
    body = {"conversation_id": acme.conversation.pk, "content": [{"content": "a"}, {"content": "b"}]}
    with committed():
        rows = api.post("/api/v1/messages", body | {"enable_memories": enable_memories}).json()
    [(signal, details)] = heard
    assert signal is messages_created
    assert [message.pk for message in details["messages"]] == [row["id"] for row in rows]
    assert details["enable_memories"] is enable_memories
    assert (details["workspace_id"], details["conversation_id"]) == (acme.workspace.pk, acme.conversation.pk)


def test_nothing_is_announced_before_the_commit(api: ApiClient, heard):
    api.post("/api/v1/messages", {"content": {"content": "a"}})
    assert heard == []


def test_messages_that_were_known_are_not_announced(api: ApiClient, acme: Tenant, heard, committed):
    known, new = ({"content": text, "created_at": "2024-05-01T12:00:00Z"} for text in "ab")
    body = {"conversation_id": acme.conversation.pk, "content": [known]}
    api.post("/api/v1/messages", body)
    with committed():
        api.post("/api/v1/messages", body | {"content": [known, new]})
        api.post("/api/v1/messages", body)
    assert [[message.content for message in details["messages"]] for _, details in heard] == [["b"]]


@pytest.mark.django_db(transaction=True)
def test_a_write_that_is_rolled_back_is_not_announced(acme: Tenant, heard):
    with pytest.raises(ConversationNotFound), atomic():
        for conversation_id in (acme.conversation.pk, "conv_unknown"):
            append_messages(
                workspace_id=acme.workspace.pk,
                conversation_id=conversation_id,
                drafts=[MessageDraft(content="a")],
                writer=Writer(),
            )
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_a_receiver_finds_the_rows_committed(api: ApiClient, acme: Tenant):
    from django.db import connection

    inside = []

    def receive(**details):
        inside.append(connection.in_atomic_block)

    messages_created.connect(receive)
    api.post("/api/v1/messages", {"content": {"content": "a"}}, idempotency_key="k")
    messages_created.disconnect(receive)
    assert inside == [False]


@pytest.mark.django_db(transaction=True)
def test_a_receiver_writes_in_a_transaction_of_its_own(api: ApiClient, acme: Tenant):
    """What fails in it can be outlived there: nothing of the transaction of the request reaches into it."""

    def append(sender_id: str, message_id: str | None = None) -> None:
        append_messages(
            workspace_id=acme.workspace.pk,
            conversation_id=acme.conversation.pk,
            drafts=[MessageDraft(id=message_id, content="by it", role="log", sender_id=sender_id)],
            writer=Writer(),
        )

    def receive(messages, **details):
        if messages[0].role == "log":
            return
        inside.append(is_undivided())
        with atomic():
            with pytest.raises(IntegrityError):
                append(sender_id="receiver", message_id=acme.question.pk)
            append(sender_id="receiver")

    inside: list[bool] = []
    append(sender_id="before")
    messages_created.connect(receive)
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "a"}}
    api.post("/api/v1/messages", body, idempotency_key="k")
    messages_created.disconnect(receive)
    assert inside == [False]
    assert acme.conversation.messages.filter(sender_id="receiver").exists()


def test_a_replay_is_not_announced(api: ApiClient, heard, committed):
    with committed():
        for _ in range(2):
            api.post("/api/v1/messages", {"content": {"content": "a"}}, idempotency_key="k")
    assert len(heard) == 1


def test_a_receiver_that_fails_hurts_nobody(api: ApiClient, heard, committed, caplog):
    def fail(**details):
        raise RuntimeError("the receiver's own fault")

    messages_created.connect(fail)
    with committed(), caplog.at_level(logging.ERROR, logger="messaging"):
        response = api.post("/api/v1/messages", {"content": {"content": "a"}})
    messages_created.disconnect(fail)
    assert response.status_code == 201
    assert len(heard) == 1
    assert "the receiver's own fault" in caplog.text


@pytest.mark.wire("mielto", "create_conversation", "first messages are announced")
def test_first_messages_are_announced(api: ApiClient, heard, committed):
    with committed():
        api.post("/api/v1/conversations", {})
        row = api.post("/api/v1/conversations", {"messages": [{"content": "a"}]}).json()
    [(_, details)] = heard
    assert details["conversation_id"] == row["id"]


@pytest.mark.wire("mielto", "update_message", "message_updated says what changed")
def test_a_correction_is_announced(api: ApiClient, acme: Tenant, heard, committed):
    with committed():
        api.put(f"/api/v1/messages/{acme.reply.pk}", {"tags": ["t"], "content": "new"})
    [(signal, details)] = heard
    assert (signal, details["changed"]) == (message_updated, ["content", "tags"])
    assert (details["message"].pk, details["message"].content) == (acme.reply.pk, "new")


@pytest.mark.wire("mielto", "delete_message", "messages_deleted names the message")
def test_a_deletion_is_announced(api: ApiClient, acme: Tenant, heard, committed):
    with committed():
        api.delete(f"/api/v1/messages/{acme.reply.pk}")
        api.delete(f"/api/v1/messages/{acme.reply.pk}")
    [(signal, details)] = heard
    assert (signal, details["message_ids"]) == (messages_deleted, [acme.reply.pk])


@pytest.mark.wire("mielto", "delete_conversation", "messages_deleted stands for all of them")
def test_the_end_of_a_conversation_is_announced(api: ApiClient, acme: Tenant, heard, committed):
    with committed():
        api.delete(f"/api/v1/conversations/{acme.conversation.pk}")
    [(signal, details)] = heard
    assert (signal, details["message_ids"]) == (messages_deleted, None)
    assert details["conversation_id"] == acme.conversation.pk
