"""/v1/threads"""

import pytest

from messaging.models import Message
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

THREADS = "/v1/threads"


@pytest.mark.wire("seekrflow", "create_thread", "meta_data is never null")
@pytest.mark.parametrize("body", [{}, {"meta_data": None}, {"meta_data": {}}])
def test_a_thread_without_meta_data_has_an_empty_object(api: ApiClient, acme: Tenant, body):
    response = api.post(THREADS, body)
    assert (response.status_code, response.json()["meta_data"]) == (200, {})


@pytest.mark.wire("seekrflow", "get_thread", "a conversation of the other wire is a thread")
def test_a_conversation_is_a_thread(api: ApiClient, acme: Tenant):
    answer = api.get(f"{THREADS}/{acme.conversation.pk}").json()
    assert (answer["id"], answer["status"], answer["active_run_id"]) == (
        acme.conversation.pk,
        "available",
        None,
    )


def test_a_thread_is_a_conversation(api: ApiClient, thread: str):
    assert api.get(f"/api/v1/conversations/{thread}").json()["meta_data"] == {"channel": "web"}


@pytest.mark.wire("seekrflow", "list_threads", "a bare array on one line, newest first, both spellings")
@pytest.mark.parametrize("path", [THREADS, f"{THREADS}/"])
def test_the_list_is_a_bare_array(api: ApiClient, acme: Tenant, thread: str, path: str):
    response = api.get(path)
    assert [row["id"] for row in response.json()] == [thread, acme.conversation.pk]
    assert b"\n" not in response.content
    assert response["Content-Type"] == "application/json"


@pytest.mark.wire("seekrflow", "list_threads", "limit, order and offset; limit 0 is an empty list")
@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("limit=0", []),
        ("limit=1", [2]),
        ("order=asc&limit=2", [0, 1]),
        ("offset=1", [1, 0]),
        ("limit=99999", [2, 1, 0]),
        (f"offset={'9' * 30}", []),
    ],
)
def test_the_list_is_cut(api: ApiClient, acme: Tenant, query: str, places: list[int]):
    made = [acme.conversation.pk, *(api.post(THREADS, {}).json()["id"] for _ in range(2))]
    assert [made.index(row["id"]) for row in api.get(f"{THREADS}?{query}").json()] == places


@pytest.mark.wire("seekrflow", "list_threads", "our filters: meta_data.KEY, created_after, created_before")
def test_the_list_is_filtered(api: ApiClient, acme: Tenant, thread: str):
    assert [row["id"] for row in api.get(f"{THREADS}?meta_data.channel=web").json()] == [thread]
    assert api.get(f"{THREADS}?created_before=2020-01-01T00:00:00Z").json() == []
    assert len(api.get(f"{THREADS}?created_after=2020-01-01T00:00:00Z").json()) == 2


@pytest.mark.parametrize("query", ["limit=-1", "order=up", "offset=x"])
def test_a_bad_query_is_422(api: ApiClient, acme: Tenant, query: str):
    assert api.get(f"{THREADS}?{query}").status_code == 422


@pytest.mark.wire("seekrflow", "delete_thread", 'answers {"deleted": true}, and everything below is gone')
def test_a_deleted_thread_is_gone(api: ApiClient, thread: str, say):
    assert api.delete(f"{THREADS}/{thread}").json() == {"deleted": True}
    for path in (thread, f"{thread}/messages", f"{thread}/runs"):
        assert api.get(f"{THREADS}/{path}").json() == {"detail": "Thread not found"}
    assert not Message.objects.filter(conversation_id=thread).exists()


def test_a_stranger_sees_and_touches_nothing(
    api: ApiClient, stranger: ApiClient, thread: str, say, acme: Tenant
):
    message = say()["id"]
    assert thread not in str(stranger.get(THREADS).json())
    for method, path in [
        ("GET", thread),
        ("DELETE", thread),
        ("GET", f"{thread}/messages"),
        ("GET", f"{thread}/runs"),
        ("GET", f"{thread}/messages/{message}"),
        ("DELETE", f"{thread}/messages/{message}"),
        ("GET", f"{thread}/messages/{message}/parts"),
    ]:
        foreign = stranger.call(method, f"{THREADS}/{path}")
        absent = stranger.call(method, f"{THREADS}/{path}".replace(thread, "absent"))
        assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert api.get(f"{THREADS}/{thread}/messages/{message}").status_code == 200


@pytest.mark.parametrize("path", ["/v1/", "/v1/thread", "/v1/threads/a/b/c", "/v1/objects"])
def test_what_is_no_operation_is_404_in_json(api: ApiClient, acme: Tenant, path: str):
    assert api.get(path).json() == {"detail": "Not Found"}
