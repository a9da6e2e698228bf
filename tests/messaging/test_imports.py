"""History that is posted again: a message with `created_at` is stored once."""

from typing import Any

import pytest

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient

NOON = "2024-05-01T12:00:00Z"
IMPORTED = {"content": "hello", "created_at": NOON}


def post(api: ApiClient, acme: Tenant, *messages: dict[str, Any]) -> Any:
    body = {"conversation_id": acme.conversation.pk, "content": list(messages)}
    response = api.post("/api/v1/messages", body)
    assert response.status_code == 201
    return response.json()


def counts(acme: Tenant) -> tuple[int, int, int]:
    conversation = Conversation.objects.get(pk=acme.conversation.pk)
    return conversation.message_count, conversation.last_seq, conversation.messages.count()


@pytest.mark.wire("mielto", "create_message", "an import posted twice is stored once and answered the same")
def test_a_second_import_answers_the_first(api: ApiClient, acme: Tenant):
    first = post(api, acme, IMPORTED, {"content": "bye", "created_at": NOON})
    assert post(api, acme, IMPORTED, {"content": "bye", "created_at": NOON}) == first
    assert counts(acme) == (4, 4, 4)


@pytest.mark.wire("mielto", "create_message", "an import repeated inside one batch is stored once")
def test_twins_in_one_batch_are_one(api: ApiClient, acme: Tenant):
    rows = post(api, acme, IMPORTED, {"content": "between"}, IMPORTED)
    assert rows[0] == rows[2]
    assert counts(acme) == (4, 4, 4)


def test_twins_in_a_batch_that_opens_a_conversation_are_one(api: ApiClient, acme: Tenant):
    rows = api.post("/api/v1/messages", {"content": [IMPORTED, IMPORTED]}).json()
    assert rows[0] == rows[1]
    assert Conversation.objects.get(pk=rows[0]["conversation_id"]).message_count == 1


@pytest.mark.wire(
    "mielto", "create_message", "without created_at nothing is merged: two honest ok are two messages"
)
def test_two_honest_messages_stay_two(api: ApiClient, acme: Tenant):
    rows = post(api, acme, {"content": "ok"}, {"content": "ok"}) + post(api, acme, {"content": "ok"})
    assert len({row["id"] for row in rows}) == 3
    assert counts(acme) == (5, 5, 5)


def test_a_live_message_is_not_taken_for_an_import(api: ApiClient, acme: Tenant):
    [live] = post(api, acme, {"content": "hello"})
    [imported] = post(api, acme, {"content": "hello", "created_at": live["created_at"]})
    assert imported["id"] != live["id"]


def test_known_and_new_keep_their_places(api: ApiClient, acme: Tenant):
    [known] = post(api, acme, IMPORTED)
    rows = post(api, acme, {"content": "new"}, IMPORTED, {"content": "later", "created_at": NOON})
    assert [row["content"] for row in rows] == ["new", "hello", "later"]
    assert rows[1] == known
    assert [Message.objects.get(pk=row["id"]).seq for row in rows] == [4, 3, 5]


@pytest.mark.wire("mielto", "create_message", "one moment in two spellings is one import")
def test_the_spelling_of_the_moment_does_not_matter(api: ApiClient, acme: Tenant):
    [first] = post(api, acme, IMPORTED)
    assert post(api, acme, {"content": "hello", "created_at": "2024-05-01T14:00:00+02:00"}) == [first]


@pytest.mark.wire(
    "mielto", "create_message", "sender, role, message_type, content and created_at tell imports apart"
)
@pytest.mark.parametrize(
    "difference",
    [
        {"sender_id": "else"},
        {"role": "assistant"},
        {"message_type": "image"},
        {"content": "hello "},
        {"created_at": "2024-05-01T12:00:00.000001Z"},
        {"tool_calls": [{"id": "call_1"}]},
        {"attachments": [{"url": "a"}]},
        {"meta_data": {"tool_call_id": "call_1"}},
    ],
)
def test_a_difference_makes_another_message(api: ApiClient, acme: Tenant, difference):
    [first], [second] = post(api, acme, IMPORTED), post(api, acme, IMPORTED | difference)
    assert first["id"] != second["id"]
    assert first["checksum"] != second["checksum"]


def test_remarks_do_not_make_another_message(api: ApiClient, acme: Tenant):
    [first] = post(api, acme, IMPORTED)
    assert post(api, acme, IMPORTED | {"tags": ["x"], "meta_data": {"source": "backup"}}) == [first]


def test_another_conversation_keeps_its_own(api: ApiClient, acme: Tenant):
    [first] = post(api, acme, IMPORTED)
    [second] = api.post("/api/v1/messages", {"content": IMPORTED}).json()
    assert first["id"] != second["id"]


@pytest.mark.wire("mielto", "update_message", "a corrected import is still found by the next import")
def test_a_corrected_message_is_still_known(api: ApiClient, acme: Tenant):
    [first] = post(api, acme, IMPORTED)
    corrected = api.put(f"/api/v1/messages/{first['id']}", {"content": "hello, world"}).json()
    assert post(api, acme, IMPORTED) == [corrected]
    assert counts(acme) == (3, 3, 3)


def test_a_deleted_message_comes_back_with_a_new_number(api: ApiClient, acme: Tenant):
    [first] = post(api, acme, IMPORTED)
    api.delete(f"/api/v1/messages/{first['id']}")
    [again] = post(api, acme, IMPORTED)
    assert Message.objects.get(pk=again["id"]).seq == 4
    assert counts(acme) == (3, 4, 3)


def test_a_repeated_import_touches_nothing(api: ApiClient, acme: Tenant):
    post(api, acme, IMPORTED)
    before = Conversation.objects.get(pk=acme.conversation.pk).updated_at
    post(api, acme, IMPORTED)
    assert Conversation.objects.get(pk=acme.conversation.pk).updated_at == before


@pytest.mark.wire("mielto", "create_conversation_message", "an import posted twice is stored once")
def test_the_route_below_a_conversation_does_the_same(api: ApiClient, acme: Tenant):
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages"
    assert api.post(path, IMPORTED).json() == api.post(path, IMPORTED).json()
    assert counts(acme) == (3, 3, 3)


@pytest.mark.wire(
    "mielto", "create_conversation", "an import repeated among the first messages is stored once"
)
def test_first_messages_are_merged_too(api: ApiClient, acme: Tenant):
    body = {"messages": [IMPORTED, IMPORTED, {"content": "ok"}, {"content": "ok"}]}
    assert api.post("/api/v1/conversations", body).json()["message_count"] == 3


@pytest.mark.wire(
    "mielto", "create_message", "checksum is SHA-256 in hexadecimal, the same for the same message"
)
def test_the_checksum_says_that_two_messages_are_alike(api: ApiClient, acme: Tenant):
    first, second = post(api, acme, {"content": "ok"}, {"content": "ok"})
    assert first["checksum"] == second["checksum"]
    assert len(bytes.fromhex(str(first["checksum"]))) == 32
