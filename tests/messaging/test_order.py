"""The order of an array wins over clocks, and nothing is listed before what it follows; on both wires."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.models import Conversation, Message
from messaging.services import MessageDraft, Writer, append_messages, delete_message, recount_messages
from messaging.services.clock import rising
from messaging.transfer.importing import import_stream
from tests.cast import Tenant
from tests.client import ApiClient

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


def in_seconds(seconds: float) -> str:
    return (timezone.now() + timedelta(seconds=seconds)).isoformat()


def post(api: ApiClient, acme: Tenant, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    response = api.post(
        "/api/v1/messages", {"conversation_id": acme.conversation.pk, "content": list(messages)}
    )
    assert response.status_code == 201
    rows: list[dict[str, Any]] = response.json()
    return rows


def listed(api: ApiClient, acme: Tenant) -> list[str]:
    """The messages behind the two that are always there, as both wires list them."""
    path = f"/api/v1/messages?conversation_id={acme.conversation.pk}&order_direction=asc"
    mielto = [row["content"] for row in api.get(path).json()["data"]]
    thread = api.get(f"/v1/threads/{acme.conversation.pk}/messages?order=asc&limit=100").json()
    assert [row["content"] for row in thread] == mielto
    return mielto[2:]


def last_created_at(acme: Tenant) -> datetime | None:
    return Conversation.objects.get(pk=acme.conversation.pk).last_created_at


@pytest.mark.parametrize(
    ("given", "times"),
    [
        ([], []),
        ([None, None], [None, None]),
        ([NOON, LATER], [NOON, LATER]),
        ([LATER, NOON, EARLIER], [LATER, LATER, LATER]),
        ([None, NOON, None, LATER, None], [NOON, NOON, NOON, LATER, LATER]),
    ],
)
def test_the_times_of_an_array_rise(given: list[datetime | None], times: list[datetime | None]):
    assert list(rising(given)) == times


@pytest.mark.wire("mielto", "create_message", "an answer without created_at never sorts before its question")
@pytest.mark.wire("seekrflow", "list_messages", "an answer never lists before a question of a fast clock")
def test_an_answer_follows_a_question_whose_clock_runs_ahead(api: ApiClient, acme: Tenant):
    post(api, acme, {"content": "open?", "created_at": in_seconds(3)})
    post(api, acme, {"content": "yes", "role": "assistant"})
    api.post(f"/v1/threads/{acme.conversation.pk}/messages", {"role": "user", "content": "thanks"})
    assert listed(api, acme) == ["open?", "yes", "thanks"]


def test_what_opened_the_conversation_counts_as_well(api: ApiClient, acme: Tenant):
    [question] = api.post(
        "/api/v1/messages", {"content": {"content": "open?", "created_at": in_seconds(60)}}
    ).json()
    body = {"conversation_id": question["conversation_id"], "content": {"content": "yes"}}
    [answer] = api.post("/api/v1/messages", body).json()
    assert answer["created_at"] == question["created_at"]


@pytest.mark.wire("mielto", "list_messages", "a cursor past a message that is dated ahead sees what follows")
def test_a_reader_behind_a_message_dated_ahead_sees_what_comes(api: ApiClient, acme: Tenant):
    ahead = in_seconds(60)
    post(api, acme, {"content": "a", "created_at": ahead}, {"content": "b", "created_at": ahead})
    path = f"/api/v1/messages?conversation_id={acme.conversation.pk}&order_direction=asc&limit=3"
    cursor = api.get(path).json()["next_cursor"]
    post(api, acme, {"content": "answer"})
    rows = api.get(f"{path}&cursor={cursor}").json()["data"]
    assert [row["content"] for row in rows] == ["b", "answer"]


@pytest.mark.wire("mielto", "create_message", "in one call the order of the array wins over created_at")
def test_in_one_call_the_array_wins(api: ApiClient, acme: Tenant):
    call, result = post(
        api,
        acme,
        {"content": "call", "role": "assistant", "created_at": in_seconds(9)},
        {"content": "result", "role": "tool", "created_at": in_seconds(5)},
    )
    assert listed(api, acme) == ["call", "result"]
    assert result["created_at"] == call["created_at"] > result["sent_at"]


@pytest.mark.wire(
    "mielto", "create_message", "beside created_at of others, one without takes its neighbour's"
)
def test_without_a_time_beside_times_it_takes_its_neighbours(api: ApiClient, acme: Tenant):
    noon, later = NOON.isoformat(), LATER.isoformat()
    rows = post(
        api,
        acme,
        {"content": "first"},
        {"content": "second", "created_at": noon},
        {"content": "third"},
        {"content": "fourth", "created_at": later},
    )
    assert [row["created_at"] for row in rows[:3]] == [rows[1]["sent_at"]] * 3
    assert rows[3]["created_at"] == rows[3]["sent_at"] > rows[2]["created_at"]


def test_a_repeated_import_keeps_the_order_around_what_it_knows(api: ApiClient, acme: Tenant):
    known = {"content": "call", "created_at": in_seconds(90)}
    post(api, acme, known)
    post(api, acme, known, {"content": "result", "created_at": in_seconds(80)})
    assert listed(api, acme) == ["call", "result"]


def test_a_message_that_was_listed_later_is_still_known(api: ApiClient, acme: Tenant):
    both = [
        {"content": "call", "created_at": in_seconds(9)},
        {"content": "result", "created_at": NOON.isoformat()},
    ]
    assert post(api, acme, *both) == post(api, acme, *both)
    assert post(api, acme, both[1]) == post(api, acme, both[1])
    assert len(listed(api, acme)) == 2


def test_history_still_lists_in_the_past(api: ApiClient, acme: Tenant):
    post(api, acme, {"content": "old", "created_at": NOON.isoformat()})
    assert listed(api, acme) == [acme.reply.content]


def test_the_conversation_keeps_the_latest_time(api: ApiClient, acme: Tenant):
    assert last_created_at(acme) == Message.objects.get(pk=acme.reply.pk).created_at
    [live] = post(api, acme, {"content": "live"})
    post(api, acme, {"content": "old", "created_at": NOON.isoformat()})
    assert last_created_at(acme) == Message.objects.get(pk=live["id"]).created_at
    [ahead] = post(api, acme, {"content": "ahead", "created_at": in_seconds(60)})
    assert last_created_at(acme) == Message.objects.get(pk=ahead["id"]).created_at


def test_a_deletion_does_not_turn_it_back(api: ApiClient, acme: Tenant):
    [ahead] = post(api, acme, {"content": "ahead", "created_at": in_seconds(60)})
    delete_message(workspace_id=acme.workspace.pk, message_id=ahead["id"])
    [next_one] = post(api, acme, {"content": "next"})
    assert next_one["created_at"] == ahead["created_at"]


@pytest.mark.wire("mielto", "create_message", "a created_at far ahead of the server is kept as sent_at alone")
@pytest.mark.wire("seekrflow", "list_messages", "a message dated far ahead holds no later one at its time")
@pytest.mark.parametrize("far", ["2999-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_a_time_far_ahead_dates_neither_its_message_nor_what_follows(api: ApiClient, acme: Tenant, far: str):
    [ahead] = post(api, acme, {"content": "far", "created_at": far})
    api.post(f"/v1/threads/{acme.conversation.pk}/messages", {"role": "user", "content": "thread"})
    [live] = post(api, acme, {"content": "live"})
    assert listed(api, acme) == ["far", "thread", "live"]
    assert ahead["created_at"] < live["created_at"] < in_seconds(5)
    assert Message.objects.get(pk=ahead["id"]).sent_at == datetime.fromisoformat(far)


def test_an_import_with_a_time_far_ahead_is_stored_once(api: ApiClient, acme: Tenant):
    far = {"content": "far", "created_at": in_seconds(3600)}
    assert post(api, acme, far) == post(api, acme, far)


def test_next_to_history_a_time_far_ahead_gives_way_to_that_of_its_neighbour(api: ApiClient, acme: Tenant):
    old = {"content": "old", "created_at": NOON.isoformat()}
    rows = post(api, acme, {"content": "far", "created_at": in_seconds(3600)}, old)
    assert rows[0]["created_at"] == rows[1]["created_at"]


def test_a_file_with_a_time_far_ahead_dates_no_later_message(api: ApiClient, acme: Tenant):
    chat = {"messages": [{"role": "user", "content": "far", "timestamp": in_seconds(3600)}]}
    import_stream([json.dumps(chat).encode()], workspace_id=acme.workspace.pk, writer=Writer())
    far = Message.objects.get(content="far")
    assert far.sent_at - far.created_at > timedelta(minutes=59)
    [live] = api.post(
        "/api/v1/messages", {"conversation_id": far.conversation_id, "content": {"content": "live"}}
    ).json()
    assert far.created_at < datetime.fromisoformat(live["created_at"]) < timezone.now()


def test_a_conversation_without_messages_has_none(acme: Tenant):
    empty = Conversation.objects.create(workspace=acme.workspace)
    assert empty.last_created_at is None
    for _ in range(2):  # the second time in one statement where the database can
        [row] = append_messages(
            workspace_id=acme.workspace.pk,
            conversation_id=empty.pk,
            drafts=[MessageDraft(content="a")],
            writer=Writer(),
        )
        stored = Message.objects.get(pk=row.pk)
        empty.refresh_from_db()
        assert stored.created_at == row.created_at == empty.last_created_at


@pytest.mark.parametrize("known", [None, NOON])
def test_counting_anew_takes_note_of_what_was_written_behind_our_back(acme: Tenant, known: datetime | None):
    conversations = Conversation.objects.for_workspace(acme.workspace.pk)
    conversations.update(last_created_at=known)
    assert recount_messages() == 1
    assert last_created_at(acme) == Message.objects.get(pk=acme.reply.pk).created_at
    ahead = timezone.now() + timedelta(hours=1)
    conversations.update(last_created_at=ahead)
    assert recount_messages() == 0
    assert last_created_at(acme) == ahead
