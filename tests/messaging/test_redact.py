"""Redaction: what messages said is gone for good, from row, search, and the answers kept for retries."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.exceptions import ConversationLocked, ConversationNotFound, MessageRedacted
from messaging.models import Conversation, IdempotencyRecord, Message
from messaging.services import Writer, redact_conversation, redact_messages, update_message
from messaging.signals import message_updated
from messaging.transfer.export import export_conversations
from messaging.transfer.importing import import_stream
from tests.cast import Tenant
from tests.client import ApiClient, statements

PATH = "/api/v1/messages"
SECRET = "the secret of Ada"
TOOL_CALLS = [
    {
        "id": "call_1",
        "type": "function",
        "function": {"name": "look_up", "arguments": f'{{"q": "{SECRET}"}}'},
    },
    {"id": "call_2", "name": "flat", "args": {"q": SECRET}},
]
FIELDS = {
    "role": "assistant",
    "tool_calls": TOOL_CALLS,
    "attachments": [{"url": f"https://example.com/{SECRET}"}],
    "meta_data": {"name": SECRET, "tool_call_id": SECRET, "note": SECRET},
    "tags": ["kept"],
}


def written(api: ApiClient, acme: Tenant, **fields: object) -> Message:
    body = {"conversation_id": acme.conversation.pk, "content": {"content": SECRET} | FIELDS | fields}
    return Message.objects.get(pk=api.post(PATH, body).json()[0]["id"])


def redact(*messages: Message) -> list[str]:
    ids = [message.pk for message in messages]
    return redact_messages(workspace_id=messages[0].workspace_id, message_ids=ids).changed


def test_what_it_said_is_a_mark_and_what_ties_it_stays(api: ApiClient, acme: Tenant):
    message = written(api, acme)
    assert redact(message) == [message.pk]
    body = api.get(f"{PATH}/{message.pk}").json()
    assert SECRET not in str(body)
    assert (body["content"], body["attachments"], body["tags"]) == ("[redacted]", None, ["kept"])
    assert body["meta_data"].keys() == {"redacted_at"}
    assert [(c["id"], c["function"]["name"], c["function"]["arguments"]) for c in body["tool_calls"]] == [
        ("call_1", "look_up", "{}"),
        ("call_2", "flat", "{}"),
    ]
    assert body["checksum"] != message.checksum
    row = Message.objects.get(pk=message.pk)
    assert row.redacted_at is not None
    assert (row.seq, row.created_at, row.sender_id) == (message.seq, message.created_at, message.sender_id)


def test_a_result_keeps_what_call_it_answers(api: ApiClient, acme: Tenant):
    meta_data = {"tool_call_id": "call_1", "name": "look_up", "note": SECRET}
    message = written(api, acme, role="tool", tool_calls=None, meta_data=meta_data)
    redact(message)
    kept = api.get(f"{PATH}/{message.pk}").json()["meta_data"]
    assert (kept.pop("redacted_at") is not None, kept) == (
        True,
        {"tool_call_id": "call_1", "name": "look_up"},
    )


def test_no_row_of_any_table_holds_it_afterwards(api: ApiClient, acme: Tenant):
    body = {
        "conversation_id": acme.conversation.pk,
        "content": [{"content": SECRET} | FIELDS, {"content": "x"}],
    }
    first = api.post(PATH, body, idempotency_key="k").json()
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[first[0]["id"]])
    replayed = api.post(PATH, body, idempotency_key="k")
    assert (replayed.status_code, replayed["Idempotent-Replayed"]) == (201, "true")
    assert SECRET not in replayed.content.decode()
    assert replayed.json()[0]["content"] == "[redacted]"
    assert replayed.json()[1] == first[1]
    bodies = [bytes(record.body or b"") for record in IdempotencyRecord.objects.all()]
    assert SECRET not in str([*Message.objects.values(), *Conversation.objects.values(), *bodies])


def test_the_answers_of_others_stay(api: ApiClient, acme: Tenant):
    answers = {
        key: api.post(
            PATH,
            {"conversation_id": acme.conversation.pk, "content": {"content": key}},
            idempotency_key=key,
        )
        for key in ("one", "two")
    }
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[answers["one"].json()[0]["id"]])
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "two"}}
    assert api.post(PATH, body, idempotency_key="two").content == answers["two"].content


def test_many_at_once_reach_their_answers_too(api: ApiClient, acme: Tenant):
    body = {"conversation_id": acme.conversation.pk, "content": [{"content": SECRET}] * 30}
    ids = [row["id"] for row in api.post(PATH, body, idempotency_key="k").json()]
    redact_messages(workspace_id=acme.workspace.pk, message_ids=ids)
    assert SECRET not in api.post(PATH, body, idempotency_key="k").content.decode()


def test_a_repeated_import_does_not_bring_it_back(api: ApiClient, acme: Tenant):
    draft = {"content": SECRET, "created_at": "2024-05-01T12:00:00Z"}
    body = {"conversation_id": acme.conversation.pk, "content": draft}
    [first] = api.post(PATH, body).json()
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[first["id"]])
    [second] = api.post(PATH, body).json()
    assert (second["id"], second["content"]) == (first["id"], "[redacted]")
    assert Message.objects.filter(content=SECRET).count() == 0


def test_an_import_answered_later_is_found_as_well(api: ApiClient, acme: Tenant):
    """The second answer shows a message that is older than itself."""
    draft = {"content": SECRET, "created_at": "2024-05-01T12:00:00Z"}
    body = {"conversation_id": acme.conversation.pk, "content": draft}
    [first] = api.post(PATH, body).json()
    api.post(PATH, body, idempotency_key="later")
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[first["id"]])
    assert SECRET not in api.post(PATH, body, idempotency_key="later").content.decode()


def test_an_export_made_before_does_not_bring_it_back(api: ApiClient, acme: Tenant):
    message = written(api, acme)
    conversations = Conversation.objects.for_workspace(acme.workspace.pk)
    lines = list(export_conversations(conversations.filter(pk=acme.conversation.pk)))
    assert SECRET.encode() in b"".join(lines)
    redact(message)
    report = import_stream(lines, workspace_id=acme.workspace.pk, writer=Writer())
    assert (report.new_messages, report.known_messages) == (0, 3)
    assert not Message.objects.filter(content=SECRET).exists()


def test_the_search_finds_it_no_more(api: ApiClient, acme: Tenant):
    message = written(api, acme)
    redact(message)
    assert api.get(f"{PATH}?search=secret").json()["data"] == []
    assert [row["id"] for row in api.get(f"{PATH}?search=[REDACTED").json()["data"]] == [message.pk]


def test_no_writer_brings_it_back(api: ApiClient, acme: Tenant):
    redact(acme.question)
    attempts: list[dict[str, Any]] = [
        {"content": SECRET},
        {"tool_calls": TOOL_CALLS},
        {"attachments": [{}]},
    ]
    for changes in attempts:
        assert api.patch(f"{PATH}/{acme.question.pk}", changes).status_code == 409
        with pytest.raises(MessageRedacted):
            update_message(workspace_id=acme.workspace.pk, message_id=acme.question.pk, changes=changes)
    assert Message.objects.get(pk=acme.question.pk).content == "[redacted]"


def test_remarks_may_be_made_and_the_fact_stays(api: ApiClient, acme: Tenant):
    redact(acme.question)
    changes = {"tags": ["t"], "meta_data": {"rating": 5}, "content": "[redacted]"}
    body = api.patch(f"{PATH}/{acme.question.pk}", changes).json()
    assert (body["tags"], body["meta_data"]["rating"], "redacted_at" in body["meta_data"]) == (["t"], 5, True)


def test_messages_of_others_and_absent_ones_are_passed_over(acme: Tenant, globex: Tenant):
    ids = [globex.question.pk, "msg_unknown", acme.question.pk]
    outcome = redact_messages(workspace_id=acme.workspace.pk, message_ids=ids)
    assert (outcome.changed, outcome.refused) == ([acme.question.pk], {})
    assert Message.objects.get(pk=globex.question.pk).redacted_at is None


def test_what_a_run_holds_is_refused(api: ApiClient, acme: Tenant, globex: Tenant):
    api.post(f"/v1/threads/{acme.conversation.pk}/runs", {})
    outcome = redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    assert outcome.changed == []
    assert isinstance(outcome.refused[acme.question.pk], ConversationLocked)
    with pytest.raises(ConversationLocked):
        redact_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)


def test_each_is_announced(acme: Tenant, django_capture_on_commit_callbacks):
    heard = []

    def receive(message: Message, changed: list[str], **kwargs: object) -> None:
        heard.append((message.pk, message.content, "content" in changed))

    message_updated.connect(receive)
    with django_capture_on_commit_callbacks(execute=True):
        redact(*acme.messages)
    message_updated.disconnect(receive)
    assert heard == [(message.pk, "[redacted]", True) for message in acme.messages]


def test_a_conversation_is_redacted_whole(api: ApiClient, acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("messaging.services.redaction.BATCH", 2)
    written(api, acme)
    count = redact_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    assert count == 3
    assert set(Message.objects.for_workspace(acme.workspace.pk).values_list("content", flat=True)) == {
        "[redacted]"
    }
    row = Conversation.objects.get(pk=acme.conversation.pk)
    assert (row.title, row.user_id, row.owner_id) == ("[redacted]",) * 3
    assert (row.message_count, row.redacted_at is not None) == (3, True)


def test_the_people_and_the_meta_data_of_a_conversation_go(api: ApiClient, acme: Tenant):
    body = {"user_id": SECRET, "meta_data": {"note": SECRET}, "settings": {"tone": SECRET}}
    said = {"messages": [{"content": "Hello", "sender_id": SECRET}]}
    made = api.post("/api/v1/conversations", body | said, idempotency_key="k").json()
    thread = f"/v1/threads/{made['id']}"
    run = api.post(f"{thread}/runs", {"group": SECRET}, idempotency_key="r").json()["run_id"]
    api.patch(f"{thread}/runs/{run}", {"instructions": SECRET, "status": "completed"})
    redact_conversation(workspace_id=acme.workspace.pk, conversation_id=made["id"])
    row = api.get(f"/api/v1/conversations/{made['id']}").json()
    assert (row["user_id"], row["meta_data"], row["settings"]) == ("[redacted]", {}, {})
    [message] = api.get(f"/api/v1/conversations/{made['id']}/messages").json()["data"]
    assert (message["sender_id"], message["owner_id"]) == ("[redacted]", "[redacted]")
    assert api.get(f"{thread}/runs/{run}").json()["instructions"] == "[redacted]"
    kept = [bytes(record.body or b"") for record in IdempotencyRecord.objects.all()]
    assert SECRET.encode() not in b"".join(kept)


def test_what_a_run_holds_is_left_whole(api: ApiClient, acme: Tenant):
    api.post(f"/v1/threads/{acme.conversation.pk}/runs", {})
    with pytest.raises(ConversationLocked):
        redact_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    assert Conversation.objects.get(pk=acme.conversation.pk).title == "acme opening hours"


def test_title_and_summary_go(api: ApiClient, acme: Tenant):
    body = {"title": SECRET, "summary": SECRET, "messages": [{"content": SECRET}]}
    made = api.post("/api/v1/conversations", body, idempotency_key="k").json()
    redact_conversation(workspace_id=acme.workspace.pk, conversation_id=made["id"])
    row = api.get(f"/api/v1/conversations/{made['id']}").json()
    assert (row["title"], row["summary"]) == ("[redacted]", "[redacted]")
    assert SECRET not in api.post("/api/v1/conversations", body, idempotency_key="k").content.decode()
    assert api.get("/api/v1/conversations?search=secret").json()["data"] == []


def test_an_absent_conversation_is_not_found(acme: Tenant, globex: Tenant):
    with pytest.raises(ConversationNotFound):
        redact_conversation(workspace_id=acme.workspace.pk, conversation_id=globex.conversation.pk)


@pytest.mark.parametrize("count", [1, 40])
def test_it_takes_as_many_statements_for_one_as_for_many(api: ApiClient, acme: Tenant, count: int):
    body = {"conversation_id": acme.conversation.pk, "content": [{"content": SECRET}] * count}
    ids = [row["id"] for row in api.post(PATH, body, idempotency_key="k").json()]
    with CaptureQueriesContext(connection) as context:
        redact_messages(workspace_id=acme.workspace.pk, message_ids=ids)
    assert len(statements(context)) == 14
