"""Our own export, brought back: whole, once, and into any workspace."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from messaging.models import Conversation, Feedback, Message
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    delete_conversation,
    give_feedback,
    redact_messages,
    update_conversation,
)
from messaging.transfer.export import CONVERSATION_COLUMNS, MESSAGE_COLUMNS
from messaging.transfer.formats.parley import ConversationLine, MessageLine
from messaging.values.ids import new_id
from tests.cast import Tenant
from tests.client import ApiClient
from tests.generated import made_up
from tests.transfer import counts, exported, imported, lines, messages, others

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
RICH: dict[str, Any] = {
    "content": "Grüße 👋",
    "role": "assistant",
    "sender_id": "ada",
    "message_type": "note",
    "tool_calls": [{"id": "call_1"}],
    "tags": ["a", "b"],
    "attachments": [{"url": "https://a.example"}],
    "meta_data": {"n": 1e16, "list": [None, {}]},
}


def as_seen(api: ApiClient) -> Any:
    """Everything that the Mielto wire tells of a workspace, but for the numbers of the messages."""
    conversations = api.get("/api/v1/conversations?limit=1000&sort_by=created_at").json()["data"]
    ids = [found["id"] for found in conversations]
    pages = [api.get(f"/api/v1/messages?limit=1000&order_by=seq&conversation_id={name}") for name in ids]
    rows = [[{**row, "seq": None} for row in page.json()["data"]] for page in pages]
    return conversations, rows


def clear(tenant: Tenant) -> None:
    for conversation in Conversation.objects.for_workspace(tenant.workspace.pk):
        delete_conversation(workspace_id=tenant.workspace.pk, conversation_id=conversation.pk)


@pytest.fixture
def rich(acme: Tenant) -> Conversation:
    """A conversation with every field in use, live, imported and corrected messages, one deleted."""
    conversation, rows = create_conversation(
        workspace_id=acme.workspace.pk,
        writer=Writer(owner_id="owner"),
        title="Rich",
        summary="All of it",
        status="ended",
        is_public=True,
        collections=["c1"],
        meta_data={"a": 1},
        settings={"b": 2},
        user_id="ada",
        created_by="maker",
        drafts=[
            MessageDraft(**RICH),
            MessageDraft(content="ok"),
            MessageDraft(content="ok"),
            MessageDraft(content="history", created_at=NOON),
        ],
    )
    reply = MessageDraft(content="a reply", parent_message_id=rows[0].pk)
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=conversation.pk,
        drafts=[reply, MessageDraft(content="foreign reply", parent_message_id="elsewhere/7")],
        writer=Writer(),
    )
    return conversation


def test_into_an_empty_workspace_it_is_what_it_was(acme: Tenant, api: ApiClient, rich: Conversation):
    api.put(f"/api/v1/messages/{messages(rich)[3].pk}", {"content": "history, corrected"})
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[messages(rich)[1].pk])
    api.delete(f"/api/v1/messages/{messages(rich)[2].pk}")
    before, source = as_seen(api), exported(acme)
    clear(acme)
    assert counts(imported(acme, source)[0]) == (2, 7, 0, 0, 0)
    assert as_seen(api) == before


def test_ids_and_counts_of_the_caller_travel_along(acme: Tenant, rich: Conversation):
    Conversation.objects.filter(pk=rich.pk).update(external_id="crm/17")
    Message.objects.filter(pk=messages(rich)[0].pk).update(item_id="fc_1", token_count=7)
    source = exported(acme)
    clear(acme)
    imported(acme, source)
    assert Conversation.objects.for_workspace(acme.workspace.pk).get(external_id="crm/17") == rich
    first, second = messages(rich)[:2]
    assert (first.item_id, first.token_count, first.token_counter) == ("fc_1", 7, "estimate")
    assert (second.item_id, second.token_counter) == (None, "estimate")


def test_feedback_travels_along(acme: Tenant, api: ApiClient, rich: Conversation):
    first, second = (row.pk for row in messages(rich)[:2])
    given: list[tuple[str, bool | float | str, str]] = [
        ("rating", True, "ada"),
        ("score", 0.25, ""),
        ("why", "so", "bob"),
    ]
    for name, value, user_id in given:
        give_feedback(
            workspace_id=acme.workspace.pk,
            message_id=first,
            name=name,
            value=value,
            user_id=user_id,
            comment="since",
        )
    give_feedback(workspace_id=acme.workspace.pk, message_id=second, value="f" * 300)
    before, source = api.get("/api/v1/feedback").json(), exported(acme)
    clear(acme)
    imported(acme, source)
    assert api.get("/api/v1/feedback").json() == before
    imported(acme, source)
    assert api.get("/api/v1/feedback").json() == before


def test_newer_feedback_takes_the_place_of_older(acme: Tenant, api: ApiClient, rich: Conversation):
    on = {"workspace_id": acme.workspace.pk, "message_id": messages(rich)[0].pk}
    give_feedback(**on, value=True)
    older = exported(acme)
    give_feedback(**on, value=False)
    newer = exported(acme)
    for source, value in ((older, False), (newer, False)):
        imported(acme, source)
        assert [row["value"] for row in api.get("/api/v1/feedback").json()["data"]] == [value]
    Feedback.objects.for_workspace(acme.workspace.pk).update(number=1, updated_at=rich.created_at)
    imported(acme, newer)
    assert [row["value"] for row in api.get("/api/v1/feedback").json()["data"]] == [False]


def test_feedback_brings_no_words_back_to_a_redacted_message(
    acme: Tenant, api: ApiClient, rich: Conversation
):
    on = {"workspace_id": acme.workspace.pk, "message_id": messages(rich)[0].pk}
    give_feedback(**on, value=True, comment="I am Ada")
    source = exported(acme)
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[on["message_id"]])
    Feedback.objects.for_workspace(acme.workspace.pk).update(updated_at=rich.created_at)
    imported(acme, source)
    assert [row["comment"] for row in api.get("/api/v1/feedback").json()["data"]] == [None]


def test_an_id_of_the_caller_that_is_taken_is_told(acme: Tenant, globex: Tenant, rich: Conversation):
    for tenant in (acme, globex):
        update_conversation(
            workspace_id=tenant.workspace.pk,
            conversation_id=tenant.conversation.pk,
            changes={"external_id": "crm/17"},
        )
    report, rejections = imported(globex, exported(acme))
    assert report.new_conversations == 1
    told = f"The conversation {globex.conversation.pk} has this external_id"
    assert any(told in rejection.reason for rejection in rejections)


def test_history_that_is_posted_again_is_still_known(acme: Tenant, api: ApiClient, rich: Conversation):
    source = exported(acme)
    clear(acme)
    imported(acme, source)
    body = {
        "conversation_id": rich.pk,
        "content": {"content": "history", "created_at": "2024-05-01T12:00:00Z", "sender_id": "ada"},
    }
    [answer] = api.post("/api/v1/messages", body).json()
    assert answer["id"] == messages(rich)[3].pk


def test_where_it_came_from_nothing_is_added(acme: Tenant, rich: Conversation):
    assert counts(imported(acme, exported(acme))[0]) == (0, 0, 2, 8, 0)


def test_a_deleted_message_comes_back_at_the_end(acme: Tenant, api: ApiClient, rich: Conversation):
    source, gone = exported(acme), messages(rich)[1]
    api.delete(f"/api/v1/messages/{gone.pk}")
    assert counts(imported(acme, source)[0]) == (0, 1, 2, 7, 0)
    assert messages(rich)[-1].pk == gone.pk


def test_another_workspace_gets_a_copy_with_ids_of_its_own(acme: Tenant, globex: Tenant, rich: Conversation):
    source = exported(acme)
    assert counts(imported(globex, source)[0]) == (2, 8, 0, 0, 0)
    assert counts(imported(globex, source)[0]) == (0, 0, 2, 8, 0)
    [copy] = [found for found in others(globex) if found.title == "Rich"]
    assert copy.pk != rich.pk
    rows = messages(copy)
    assert [row.content for row in rows] == [row.content for row in messages(rich)]
    assert not {row.pk for row in rows} & {row.pk for row in messages(rich)}
    assert [row.parent_message_id for row in rows[4:]] == [rows[0].pk, "elsewhere/7"]
    assert rows[3].dedup_key == rows[3].checksum != messages(rich)[3].checksum


def test_a_copy_stays_the_copy_when_the_original_goes(acme: Tenant, globex: Tenant, rich: Conversation):
    source = exported(acme)
    imported(globex, source)
    clear(acme)
    assert counts(imported(globex, source)[0]) == (0, 0, 2, 8, 0)


def test_without_kept_ids_it_does_not_show_whether_an_id_is_taken(acme: Tenant, globex: Tenant):
    """Who may not see another workspace gets the same for ids that are there and ids that are not."""

    def source(conversation_id: str, message_id: str) -> bytes:
        return lines(
            {"type": "conversation", "id": conversation_id},
            {
                "type": "message",
                "id": message_id,
                "conversation_id": conversation_id,
                "role": "user",
                "content": "x",
            },
        )

    taken = source(globex.conversation.pk, globex.question.pk)
    absent = source(new_id("conv"), new_id("msg"))
    assert imported(acme, taken, keeps_ids=False) == imported(acme, absent, keeps_ids=False)
    for conversation in others(acme):
        assert conversation.pk not in taken.decode() + absent.decode()
        assert messages(conversation)[0].pk not in taken.decode() + absent.decode()


def test_a_message_id_that_is_taken_is_replaced(acme: Tenant, globex: Tenant):
    source = exported(acme).replace(acme.question.pk.encode(), globex.question.pk.encode())
    clear(acme)
    assert counts(imported(acme, source)[0]) == (1, 2, 0, 0, 0)
    assert counts(imported(acme, source)[0]) == (0, 0, 1, 2, 0)
    assert messages(acme.conversation)[1].pk == acme.reply.pk
    assert Message.objects.get(pk=globex.question.pk).workspace_id == globex.workspace.pk


def test_an_import_that_was_broken_off_is_continued(acme: Tenant, rich: Conversation):
    source = exported(acme)
    clear(acme)
    half = b"".join(source.splitlines(keepends=True)[:7])
    report, [rejection] = imported(acme, half)
    assert rejection.reason == "The export is not complete: the line that ends it is missing"
    assert 0 < report.new_messages < 8
    assert imported(acme, source)[0].new_messages == 8 - report.new_messages
    assert exported(acme).count(b'"type":"message"') == 8


def test_lines_below_no_conversation_are_refused(acme: Tenant):
    message = {"type": "message", "id": "m", "conversation_id": "c", "role": "user", "content": "x"}
    header = {"type": "conversation", "id": "other"}
    report, rejections = imported(acme, lines(header, message, {"type": "conversation"}, message))
    assert counts(report) == (1, 0, 0, 0, 3)
    assert [rejection.line for rejection in rejections] == [2, 3, 4]
    assert "Stands below no line of its conversation c" in rejections[0].reason


def test_ids_of_others_are_taken_for_names(acme: Tenant):
    header = {"type": "conversation", "id": "their/1", "title": "Theirs"}
    said = {"type": "message", "id": "1", "conversation_id": "their/1", "role": "user", "content": "x"}
    imported(acme, lines(header, said))
    assert counts(imported(acme, lines(header, said, said | {"id": "2"}))[0]) == (0, 1, 1, 1, 0)
    [conversation] = others(acme)
    assert conversation.pk.startswith("conv_")
    assert all(row.pk.startswith("msg_") for row in messages(conversation))


def test_no_column_is_forgotten():
    """Whoever adds a column decides here whether it travels."""
    not_brought_back = {"seq", "workspace_id", "message_count", "active_run", "last_seq", "search_title"}
    assert set(MESSAGE_COLUMNS) - not_brought_back <= set(MessageLine.model_fields)
    assert set(CONVERSATION_COLUMNS) - not_brought_back - {"id"} <= set(ConversationLine.model_fields)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
DRAFT = st.builds(
    MessageDraft,
    content=TEXT,
    role=st.sampled_from(["user", "assistant", "tool", "odd"]),
    sender_id=st.none() | TEXT.filter(bool),
    created_at=st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    tool_calls=st.none() | st.lists(OBJECT, max_size=2),
    tags=st.none() | st.lists(TEXT, max_size=2),
    attachments=st.none() | st.lists(OBJECT, max_size=2),
    parent_message_id=st.none() | TEXT,
    meta_data=st.none() | OBJECT,
)


def table(tenant: Tenant) -> list[dict[str, Any]]:
    """The messages of a workspace as they are stored, but for what every import numbers anew."""
    rows = Message.objects.for_workspace(tenant.workspace.pk).order_by("conversation", "seq").values()
    return [json.loads(json.dumps(row, default=str)) for row in rows]


@pytest.mark.django_db
@made_up(12, 300, drafts=st.lists(DRAFT, max_size=6), meta_data=OBJECT, title=st.none() | TEXT)
def test_whatever_was_said_comes_back(acme: Tenant, drafts, meta_data, title):
    clear(acme)
    create_conversation(
        workspace_id=acme.workspace.pk, writer=Writer(), drafts=drafts, meta_data=meta_data, title=title
    )
    before, source = table(acme), exported(acme)
    clear(acme)
    report, rejections = imported(acme, source)
    assert rejections == []
    assert table(acme) == before
