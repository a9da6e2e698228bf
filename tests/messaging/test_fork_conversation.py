"""POST /api/v1/conversations/{id}/fork: a conversation that goes on from an earlier message."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.index.terms import index_terms_of
from messaging.models import Change, Conversation, Message, Part, StoredObject
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_run,
    delete_conversation,
    fork_conversation,
    redact_messages,
)
from messaging.services.reading import parts_of_messages
from messaging.testing import make_conversation
from tests.cast import Tenant
from tests.client import ApiClient

LARGE = "The order was shipped on Monday. " * 5_000
SAME = ("role", "content", "sender_id", "message_type", "tool_calls", "tags", "meta_data", "token_count")
TIMES = ("created_at", "sent_at", "updated_at", "agent_id", "owner_id", "token_counter", "has_parts")


def fork(api: ApiClient, conversation: Conversation, until: Message, **body: Any) -> Any:
    return api.post(f"/api/v1/conversations/{conversation.pk}/fork", {"until": until.pk} | body)


def messages(acme: Tenant, conversation_id: str) -> list[Message]:
    rows = Message.objects.for_workspace(acme.workspace.pk).in_conversation(conversation_id)
    return list(rows.order_by("seq"))


@pytest.fixture
def rich(acme: Tenant) -> Conversation:
    """A question, a call with reasoning, a large result, an answer, an afterthought."""
    parts: list[dict[str, Any]] = [
        {"type": "reasoning", "text": "They ask for an order"},
        {"type": "tool-call", "tool_name": "find_order", "tool_call_id": "c1", "args": {"number": 1042}},
    ]
    result = {"type": "tool-result", "tool_name": "find_order", "tool_call_id": "c1", "output": LARGE}
    conversation, _ = make_conversation(
        acme.workspace,
        MessageDraft(content="Where is it?", tags=["vip"], meta_data={"channel": "web"}),
        MessageDraft(role="assistant", parts=parts, token_count=77),
        MessageDraft(role="tool", parts=[result]),
        MessageDraft(role="assistant", content="On its way.", attachments=[{"text": LARGE}]),
        MessageDraft(content="Thanks"),
        title="Order 1042",
        user_id="ada",
        meta_data={"shop": 7},
        settings={"tone": "kind"},
        collections=["c"],
    )
    return conversation


@pytest.mark.wire("mielto", "fork_conversation", "201: a new conversation with the messages up to `until`")
def test_what_came_before_is_there_and_nothing_behind(api: ApiClient, acme: Tenant, rich: Conversation):
    originals = messages(acme, rich.pk)
    response = fork(api, rich, originals[3])
    assert response.status_code == 201
    copies = messages(acme, response.json()["id"])
    assert [row.seq for row in copies] == [1, 2, 3, 4]
    for copy, original in zip(copies, originals, strict=False):
        for name in (*SAME, *TIMES):
            assert getattr(copy, name) == getattr(original, name), name
        assert copy.pk != original.pk
        assert copy.checksum != original.checksum
    assert messages(acme, rich.pk) == originals


@pytest.mark.wire(
    "mielto", "fork_conversation", "it keeps title, user and settings, and says where it is from"
)
def test_it_is_of_the_same_people_and_names_its_origin(api: ApiClient, acme: Tenant, rich: Conversation):
    until = messages(acme, rich.pk)[1]
    shown = fork(api, rich, until).json()
    assert (shown["title"], shown["user_id"], shown["status"]) == ("Order 1042", "ada", "active")
    assert (shown["settings"], shown["collections"]) == ({"tone": "kind"}, ["c"])
    source = {"conversation_id": rich.pk, "message_id": until.pk}
    assert shown["meta_data"] == {"shop": 7, "forked_from": source}
    assert fork(api, rich, until, title="Another way").json()["title"] == "Another way"
    found = api.get("/api/v1/conversations?meta_data.shop=7").json()
    assert found["total_count"] == 3


@pytest.mark.wire("mielto", "fork_conversation", "without `until` or a body all messages; there may be none")
def test_all_of_it_is_forked(api: ApiClient, acme: Tenant, rich: Conversation):
    shown = api.post(f"/api/v1/conversations/{rich.pk}/fork", {}).json()
    originals, copies = messages(acme, rich.pk), messages(acme, shown["id"])
    assert [row.content for row in copies] == [row.content for row in originals]
    assert shown["meta_data"]["forked_from"]["message_id"] == originals[-1].pk
    assert api.post(f"/api/v1/conversations/{rich.pk}/fork").json()["message_count"] == len(originals)
    empty, _ = make_conversation(acme.workspace)
    shown = api.post(f"/api/v1/conversations/{empty.pk}/fork", {"title": "Nothing yet"}).json()
    assert (shown["title"], shown["message_count"]) == ("Nothing yet", 0)


def test_parts_and_large_values_come_along(api: ApiClient, acme: Tenant, rich: Conversation):
    fork_id = fork(api, rich, messages(acme, rich.pk)[4]).json()["id"]

    def said(conversation_id: str) -> list[Any]:
        rows = messages(acme, conversation_id)
        parts = parts_of_messages(rows, workspace_id=acme.workspace.pk, link=lambda name: "/")
        without = ("id", "output_ref", "url")
        every = [part for row in rows for part in parts[row.pk]]
        return [{name: value for name, value in part.items() if name not in without} for part in every]

    assert said(fork_id) == said(rich.pk)
    rows = api.get(f"/api/v1/conversations/{fork_id}/messages?order=reading").json()["data"]
    assert rows[3]["attachments"] == [{"text": LARGE}]
    stored = StoredObject.objects.for_workspace(acme.workspace.pk)
    of_fork = stored.filter(message__in=[row["id"] for row in rows])
    assert of_fork.count() == 2
    assert Part.objects.for_workspace(acme.workspace.pk).filter(payload_ref__isnull=False).count() == 2
    for one in of_fork:
        assert api.get(f"/api/v1/objects/{one.pk}").status_code == 200


def test_each_is_searched_and_filtered_by_itself(api: ApiClient, acme: Tenant, rich: Conversation):
    fork_id = fork(api, rich, messages(acme, rich.pk)[4]).json()["id"]
    for conversation_id in (rich.pk, fork_id):
        for query in ("tags=vip", "meta_data.channel=web", "search=where", "role=tool"):
            page = api.get(f"/api/v1/conversations/{conversation_id}/messages?{query}").json()
            assert [row["conversation_id"] for row in page["data"]] == [conversation_id]
            assert page["total_count"] == 1


def test_copies_have_the_index_keys_of_what_they_hold(api: ApiClient, acme: Tenant, rich: Conversation):
    originals, field = messages(acme, rich.pk), index_terms_of(Message)
    assert field is not None
    Message.objects.for_workspace(acme.workspace.pk).filter(pk=originals[0].pk).update(index_terms=None)
    by_hand, *copies = messages(acme, fork(api, rich, originals[-1]).json()["id"])
    assert by_hand.index_terms is None
    assert [row.index_terms for row in copies] == [field.derive(row) for row in copies]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["original", "fork"])
def test_files_are_shared_until_the_last_of_them_goes(acme: Tenant, rich: Conversation, first: str):
    copy = fork_conversation(
        workspace_id=acme.workspace.pk,
        conversation_id=rich.pk,
        until=messages(acme, rich.pk)[4].pk,
        writer=Writer(),
    )
    stored = list(StoredObject.objects.for_workspace(acme.workspace.pk))
    assert len({one.path for one in stored}) == 2
    gone, left = (rich, copy) if first == "original" else (copy, rich)
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=gone.pk)
    kept = list(StoredObject.objects.for_workspace(acme.workspace.pk))
    assert len(kept) == 2
    assert all(LARGE.encode()[:10] in one.open().read() for one in kept)
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=left.pk)
    for one in kept:
        with pytest.raises(FileNotFoundError):
            one.open()


@pytest.mark.wire("mielto", "fork_conversation", "the answered message is that of the fork")
def test_replies_stay_within_the_fork(api: ApiClient, acme: Tenant):
    [first] = append(acme, content="one")
    [second] = append(acme, content="two", parent_message_id=first.pk)
    [_, _, copy, reply] = messages(acme, fork(api, acme.conversation, second).json()["id"])
    assert reply.parent_message_id == copy.pk


def append(acme: Tenant, **draft: Any) -> list[Message]:
    return append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=[MessageDraft(**draft)],
        writer=Writer(),
    )


def test_it_goes_on_by_itself(api: ApiClient, acme: Tenant):
    shown = fork(api, acme.conversation, acme.reply).json()
    body = {"conversation_id": shown["id"], "content": {"content": "and on Monday?"}}
    [row] = api.post("/api/v1/messages", body).json()
    assert row["seq"] == 3
    assert api.get(f"/api/v1/conversations/{shown['id']}").json()["message_count"] == 3
    assert api.get(f"/api/v1/conversations/{acme.conversation.pk}").json()["message_count"] == 2
    assert api.get("/api/v1/messages").json()["total_count"] == 5


def test_the_order_of_the_list_decides_what_comes_before(api: ApiClient, acme: Tenant):
    [old] = append(acme, content="older", created_at=timezone.now() - timedelta(days=3))
    shown = fork(api, acme.conversation, old).json()
    assert [row.content for row in messages(acme, shown["id"])] == ["older"]


def test_an_imported_message_is_known_in_the_fork_too(api: ApiClient, acme: Tenant):
    at = timezone.now() - timedelta(days=3)
    [old] = append(acme, content="older", created_at=at)
    shown = fork(api, acme.conversation, old).json()
    again = {"content": "older", "created_at": at.isoformat(), "sender_id": old.sender_id}
    api.post("/api/v1/messages", {"conversation_id": shown["id"], "content": again})
    assert len(messages(acme, shown["id"])) == 1


@pytest.mark.wire(
    "mielto", "fork_conversation", "a run that holds the original does not matter; it is not copied"
)
def test_runs_stay_where_they_are(api: ApiClient, acme: Tenant):
    create_run(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, agent_id="a")
    response = fork(api, acme.conversation, acme.reply)
    assert response.status_code == 201
    copy = Conversation.objects.for_workspace(acme.workspace.pk).get(pk=response.json()["id"])
    assert copy.active_run is None
    assert not copy.runs.exists()


@pytest.mark.wire(
    "mielto", "fork_conversation", "404 for an unknown conversation or a message that is not in it"
)
def test_what_is_not_there_is_404(api: ApiClient, acme: Tenant, globex: Tenant):
    other, [elsewhere] = make_conversation(acme.workspace, "hi")
    for conversation, until in (
        (acme.conversation, elsewhere),
        (acme.conversation, globex.reply),
        (globex.conversation, globex.reply),
    ):
        assert fork(api, conversation, until).status_code == 404
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 2


@pytest.mark.wire("mielto", "fork_conversation", "Idempotency-Key: a retry is answered by the same fork")
def test_a_retry_makes_no_second_fork(api: ApiClient, acme: Tenant):
    body = {"until": acme.reply.pk}
    path = f"/api/v1/conversations/{acme.conversation.pk}/fork"
    first, again = (api.post(path, body, idempotency_key="once") for _ in range(2))
    assert first.json() == again.json()
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 2


@pytest.mark.wire("mielto", "fork_conversation", "422 for more messages than one fork copies")
def test_more_than_a_fork_copies_is_422(api: ApiClient, acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("messaging.services.forking.MOST_MESSAGES", 1)
    assert fork(api, acme.conversation, acme.question).status_code == 201
    response = fork(api, acme.conversation, acme.reply)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "until"]


def test_changes_tell_of_it(api: ApiClient, acme: Tenant):
    shown = fork(api, acme.conversation, acme.reply).json()
    changes = Change.objects.filter(workspace_id=acme.workspace.pk, conversation_id=shown["id"])
    told = [(change.kind, change.count, change.imported) for change in changes.order_by("id")]
    assert told == [("conversation.created", None, True), ("messages.created", 2, True)]


def test_a_redacted_message_is_copied_as_it_is(api: ApiClient, acme: Tenant):
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    first, _ = messages(acme, fork(api, acme.conversation, acme.reply).json()["id"])
    assert first.content == "[redacted]"
    assert first.redacted_at is not None


def test_many_take_a_few_statements(acme: Tenant, django_assert_max_num_queries: Any):
    conversation, rows = make_conversation(acme.workspace, *["words"] * 900)
    with django_assert_max_num_queries(16):
        fork_conversation(
            workspace_id=acme.workspace.pk,
            conversation_id=conversation.pk,
            until=rows[-1].pk,
            writer=Writer(),
        )
