"""/v1/threads/{thread_id}/messages"""

import json

import pytest

from messaging.models import Message
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

ITEMS = [
    {"type": "input_text", "text": "Look: "},
    {"type": "input_image", "detail": "auto", "image_url": "https://example.com/a.png"},
    {"type": "input_image", "detail": "low", "file_id": None, "image_url": None},
    {"type": "input_file", "file_id": "file-1"},
    {"type": "input_text", "text": "ok?"},
]


def ids(api: ApiClient, path: str) -> list[str]:
    response = api.get(path)
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


@pytest.fixture
def path(thread: str) -> str:
    return f"/v1/threads/{thread}/messages"


@pytest.mark.wire("seekrflow", "create_message", "200 with the message; parts only when asked for")
def test_a_message_is_answered_whole(api: ApiClient, path: str, thread: str):
    response = api.post(path, {"role": "user", "content": "hi", "meta_data": {"k": 1}})
    answer = response.json()
    assert (response.status_code, answer["object"], answer["thread_id"]) == (200, "thread.message", thread)
    assert (answer["content"], answer["meta_data"], "parts" in answer) == ("hi", {"k": 1}, False)


@pytest.mark.wire(
    "seekrflow",
    "create_message",
    "items come back with the values that were sent, in the order and with the keys of the schema",
)
def test_items_come_back_as_sent(api: ApiClient, path: str, say):
    message = say(ITEMS)
    assert message["content"] == ITEMS
    assert api.get(f"{path}/{message['id']}").json()["content"] == ITEMS
    assert api.get(path).json()[0]["content"] == ITEMS


def test_items_have_the_keys_of_the_schema_in_its_order(api: ApiClient, path: str, say):
    message = say([{"type": "input_text", "extra": 1, "text": "hi"}])
    assert json.dumps(message["content"]) == '[{"text": "hi", "type": "input_text"}]'
    stored = api.get(f"{path}/{message['id']}").json()["content"]
    assert json.dumps(stored) == json.dumps(message["content"])


@pytest.mark.wire("seekrflow", "create_message", "the client's id makes a retry answer the first message")
def test_a_retry_with_the_same_id_stores_one_message(api: ApiClient, path: str):
    body = {"id": "5d0c", "role": "user", "content": "hi", "meta_data": {}}
    first, retry = api.post(path, body), api.post(path, body)
    assert retry.json() == first.json()
    assert first.json()["id"] != "5d0c"
    assert len(ids(api, path)) == 1


def test_the_same_id_with_another_message_is_422(api: ApiClient, path: str):
    api.post(path, {"id": "5d0c", "role": "user", "content": "hi"})
    refused = api.post(path, {"id": "5d0c", "role": "user", "content": "ho"})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "id"])


def test_the_same_id_in_another_thread_is_another_message(api: ApiClient, path: str):
    other = api.post("/v1/threads", {}).json()["id"]
    for target in (path, f"/v1/threads/{other}/messages"):
        assert api.post(target, {"id": "5d0c", "role": "user", "content": "hi"}).status_code == 200
        assert len(ids(api, target)) == 1


@pytest.mark.parametrize("client_id", [None, 7, "", "x" * 256, {"a": 1}, "\ud800"])
def test_an_id_that_cannot_serve_is_ignored(api: ApiClient, path: str, client_id):
    if client_id == "\ud800":
        assert api.post(path, {"id": client_id, "role": "user", "content": "hi"}).status_code == 422
        return
    for _ in range(2):
        assert api.post(path, {"id": client_id, "role": "user", "content": "hi"}).status_code == 200
    assert len(ids(api, path)) == 2


@pytest.mark.wire("seekrflow", "create_message", "Idempotency-Key replays the answer byte for byte")
def test_the_idempotency_header_holds_here_too(api: ApiClient, path: str):
    body = {"role": "user", "content": ITEMS}
    first, retry = (api.post(path, body, idempotency_key="k") for _ in range(2))
    assert (retry.content, retry["Idempotent-Replayed"]) == (first.content, "true")


@pytest.mark.wire("seekrflow", "create_message", "a thread that is not there is 404")
def test_an_unknown_thread_is_404(api: ApiClient, thread: str):
    response = api.post("/v1/threads/nowhere/messages", {"role": "user", "content": "hi"})
    assert (response.status_code, response.json()) == (404, {"detail": "Thread not found"})


@pytest.mark.wire("seekrflow", "list_messages", "a bare array, newest first, 20 unless asked otherwise")
def test_the_list_is_newest_first(api: ApiClient, path: str, say):
    made = [say(str(number))["id"] for number in range(22)]
    assert ids(api, path) == made[:1:-1]
    assert ids(api, f"{path}?limit=2&order=asc&offset=1") == made[1:3]
    assert ids(api, f"{path}?limit=0") == []
    assert ids(api, f"{path}?limit=5000") == made[::-1]


@pytest.mark.wire("seekrflow", "list_messages", "our keyset paging: after and before a message")
def test_paging_by_message(api: ApiClient, path: str, say):
    made = [say(str(number))["id"] for number in range(6)]
    assert ids(api, f"{path}?order=asc&limit=2&after={made[1]}") == made[2:4]
    assert ids(api, f"{path}?order=asc&limit=2&before={made[4]}") == made[2:4]
    assert ids(api, f"{path}?limit=2&after={made[4]}") == [made[3], made[2]]
    assert ids(api, f"{path}?limit=2&before={made[1]}") == [made[3], made[2]]
    assert ids(api, f"{path}?order=asc&after={made[0]}&before={made[5]}&limit=2") == made[1:3]
    assert ids(api, f"{path}?order=asc&after={made[5]}") == []


def test_paging_meets_what_others_write_once(api: ApiClient, path: str, say):
    made = [say(str(number))["id"] for number in range(4)]
    first = ids(api, f"{path}?limit=2")
    say("meanwhile")
    assert first + ids(api, f"{path}?limit=9&after={first[-1]}") == made[::-1]


@pytest.mark.parametrize("end", ["after", "before"])
def test_paging_from_a_message_that_is_not_there(api: ApiClient, stranger, globex, path: str, say, end: str):
    say()
    answers = [api.get(f"{path}?{end}={given}") for given in ("nowhere", globex.question.pk)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


@pytest.mark.wire("seekrflow", "list_messages", "our filters: role, agent_id, run_id, times, meta_data.KEY")
def test_the_list_is_filtered(api: ApiClient, path: str, say):
    user, system = say("a", meta_data={"k": "v"})["id"], say("b", role="system")["id"]
    assert ids(api, f"{path}?role=system") == [system]
    assert ids(api, f"{path}?meta_data.k=v") == [user]
    assert ids(api, f"{path}?created_after=2020-01-01T00:00:00Z&created_before=2120-01-01T00:00:00Z") == [
        system,
        user,
    ]
    assert ids(api, f"{path}?agent_id=nobody") == []
    assert ids(api, f"{path}?run_id=none") == []


@pytest.mark.wire("seekrflow", "get_message", "only in the thread that it is in")
def test_a_message_of_another_thread_is_404(api: ApiClient, say, acme):
    message = say()["id"]
    other = f"/v1/threads/{acme.conversation.pk}/messages/{message}"
    assert api.get(other).json() == {"detail": "Message not found"}
    assert api.patch(other, {"content": "x"}).status_code == 404
    assert api.delete(other).status_code == 404
    assert api.get(f"{other}/parts").status_code == 404


@pytest.mark.wire("seekrflow", "update_message", "null content and empty meta_data change nothing")
@pytest.mark.parametrize("body", [{}, {"content": None, "meta_data": {}}, {"meta_data": None}])
def test_an_empty_update_changes_nothing(api: ApiClient, path: str, say, body):
    message = say(ITEMS, meta_data={"k": "v"})
    before = Message.objects.get(pk=message["id"]).updated_at
    assert api.patch(f"{path}/{message['id']}?include_parts=true", body).json() == message
    assert Message.objects.get(pk=message["id"]).updated_at == before


@pytest.mark.wire("seekrflow", "update_message", "meta_data is merged at its top, content replaced")
def test_an_update(api: ApiClient, path: str, say):
    message = say(ITEMS, meta_data={"a": {"x": 1}, "b": 1})
    body = {"content": "new", "meta_data": {"a": {"y": 2}, "c": None}}
    answer = api.patch(f"{path}/{message['id']}?include_parts=true", body).json()
    assert (answer["content"], answer["meta_data"]) == ("new", {"a": {"y": 2}, "b": 1, "c": None})
    assert [(part["type"], part.get("text")) for part in answer["parts"]] == [("text", "new")]
    assert api.get(f"/api/v1/messages/{message['id']}").json()["attachments"] is None


@pytest.mark.wire("seekrflow", "delete_message", 'answers {"deleted": true}; the message is gone')
def test_a_deleted_message_is_gone(api: ApiClient, path: str, say, thread: str):
    kept, gone = say()["id"], say()["id"]
    assert api.delete(f"{path}/{gone}").json() == {"deleted": True}
    assert api.delete(f"{path}/{gone}").status_code == 404
    assert ids(api, path) == [kept]
    assert api.get(f"/api/v1/conversations/{thread}").json()["message_count"] == 1


def test_text_changed_through_the_other_wire_takes_the_place_of_items(api: ApiClient, path: str, say):
    message = say(ITEMS)["id"]
    api.put(f"/api/v1/messages/{message}", {"content": "corrected"})
    assert api.get(f"{path}/{message}").json()["content"] == "corrected"
