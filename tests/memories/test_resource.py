"""/api/v1/memories: what can be written, read, changed and deleted, in the shapes that the vendor reads."""

from typing import Any

import pytest

from messaging.memories.extracting import ModelUnavailable
from messaging.models import IdempotencyRecord, Memory, MemorySource
from messaging.services import AddMemory, apply_memory_changes, redact_messages
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/memories"
ROME = {"user_id": "ada", "memory": "Lives in Rome", "topics": ["place"], "metadata": {"certain": True}}
KEYS = [
    *("memory_id", "user_id", "memory", "memory_type", "topics", "metadata", "version"),
    *("extractor", "extractor_version", "created_at", "updated_at"),
]


def make(api: ApiClient, **fields: Any) -> dict[str, Any]:
    response = api.post(PATH, ROME | fields)
    assert response.status_code == 200
    memory: dict[str, Any] = response.json()["memory"]
    return memory


def listed(api: ApiClient, query: str = "") -> list[str]:
    return [row["memory"] for row in api.get(f"{PATH}?{query}").json()["data"]]


def drawn(acme: Tenant, text: str, *message_ids: str) -> Memory:
    """A memory of acme's customer that came of these messages."""
    apply_memory_changes(
        workspace_id=acme.workspace.pk,
        user_id=acme.question.sender_id,
        changes=[AddMemory(text=text, message_ids=message_ids)],
        extractor="rules",
        version="1",
    )
    return Memory.objects.for_workspace(acme.workspace.pk).get(memory=text)


@pytest.mark.wire("mielto", "create_memory", "200 with the memory in `memory`, and its id beside it")
def test_a_memory_is_written(api: ApiClient):
    answer = api.post(PATH, ROME).json()
    assert list(answer) == ["message", "memory_id", "memory"]
    assert list(answer["memory"]) == KEYS
    assert answer["memory"]["memory_id"] == answer["memory_id"]
    assert {name: answer["memory"][name] for name in ROME} == ROME
    assert (answer["memory"]["memory_type"], answer["memory"]["version"]) == ("user", 1)


@pytest.mark.wire("mielto", "create_memory", "what a user has already is answered as it is")
def test_no_user_has_one_twice(api: ApiClient):
    first = make(api)
    again = make(api, memory="  lives  in ROME.", topics=["other"])
    assert again == first
    assert make(api, user_id="bob")["memory_id"] != first["memory_id"]


@pytest.mark.wire("mielto", "create_memory", "a bad value is 422 and writes nothing")
@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"memory": None}, "memory"),
        ({"memory": " "}, "memory"),
        ({"memory": "x" * 10_001}, "memory"),
        ({"memory": "a\0b"}, "memory"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": None}, "user_id"),
        ({"topics": "place"}, "topics"),
        ({"topics": ["x" * 256]}, "topics"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"a": "x" * 70_000}}, "metadata"),
        ({"memory_type": "x" * 65}, "memory_type"),
    ],
)
def test_a_bad_value(api: ApiClient, acme: Tenant, fields: dict[str, Any], name: str):
    response = api.post(PATH, ROME | fields)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][:2] == ["body", name]
    assert not Memory.objects.for_workspace(acme.workspace.pk).exists()


def test_an_empty_text_is_called_one(api: ApiClient):
    problem = api.post(PATH, ROME | {"user_id": ""}).json()["detail"][0]
    assert (problem["type"], problem["msg"]) == (
        "string_too_short",
        "String should have at least 1 character",
    )


@pytest.mark.wire("mielto", "create_memory", "a user has at most MAX_MEMORIES")
def test_a_user_has_so_many(api: ApiClient, settings: Any):
    settings.PARLEY = {**settings.PARLEY, "MEMORIES": {"MAX_MEMORIES": 1}}
    make(api)
    response = api.post(PATH, ROME | {"memory": "Has a cat"})
    assert response.status_code == 422
    assert response.json()["detail"][0]["type"] == "too_many_memories"
    make(api)
    make(api, user_id="bob")


@pytest.mark.wire("mielto", "create_memory", "Idempotency-Key is honoured")
def test_a_repeat_is_replayed(api: ApiClient):
    first = api.post(PATH, ROME, idempotency_key="k")
    api.delete(f"{PATH}/{make(api, memory='Has a cat')['memory_id']}")
    assert api.post(PATH, ROME, idempotency_key="k").content == first.content


@pytest.mark.wire(
    "mielto", "list_memories", "the same rows under `data` and `memories`, the last touched first"
)
def test_a_list(api: ApiClient):
    make(api)
    cat = make(api, memory="Has a cat")
    page = api.get(PATH).json()
    assert page["data"] == page["memories"]
    assert page["data"][0] == cat
    assert (page["total_count"], page["has_more"], page["next_cursor"]) == (2, False, None)


@pytest.mark.wire("mielto", "list_memories", "filters: user_id, memory_type")
def test_filters(api: ApiClient):
    make(api)
    make(api, user_id="bob", memory="Has a cat", memory_type="pet")
    assert listed(api, "user_id=ada") == ["Lives in Rome"]
    assert listed(api, "memory_type=pet") == ["Has a cat"]
    assert listed(api, "user_id=") == ["Has a cat", "Lives in Rome"]
    assert listed(api, "user_id=nobody") == []


@pytest.mark.wire("mielto", "list_memories", "a walk by next_cursor shows every memory once, in every order")
@pytest.mark.parametrize("order", ["updated_at", "created_at", "memory_id"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages(api: ApiClient, order: str, direction: str):
    texts = [make(api, memory=f"Fact {number}")["memory"] for number in range(5)]
    seen: list[str] = []
    query = f"user_id=ada&limit=2&sort_by={order}&sort_order={direction}"
    page: dict[str, Any] = {"next_cursor": ""}
    while page["next_cursor"] is not None:
        page = api.get(f"{PATH}?{query}&cursor={page['next_cursor']}").json()
        assert page["total_count"] == 5
        seen += [row["memory"] for row in page["data"]]
    assert seen == (texts if direction == "asc" else texts[::-1])


@pytest.mark.wire("mielto", "list_memories", "limit 1..100; another order is 422")
@pytest.mark.parametrize("query", ["limit=0", "limit=101", "sort_by=memory", "sort_order=up", "cursor=x"])
def test_a_bad_query(api: ApiClient, query: str):
    assert api.get(f"{PATH}?{query}").status_code == 422


@pytest.mark.wire("mielto", "get_memory", "200 with the memory, not in another object, and its sources")
def test_one(api: ApiClient, acme: Tenant):
    made = make(api)
    assert api.get(f"{PATH}/{made['memory_id']}").json() == made | {"sources": []}
    row = drawn(acme, "Has a cat", acme.question.pk)
    shown = api.get(f"{PATH}/{row.pk}").json()
    assert shown["sources"] == [{"message_id": acme.question.pk, "conversation_id": acme.conversation.pk}]
    assert (shown["extractor"], shown["extractor_version"]) == ("rules", "1")


@pytest.mark.wire("mielto", "get_memory", "with the user_id of another user it is 404")
def test_it_is_its_owners(api: ApiClient):
    path = f"{PATH}/{make(api)['memory_id']}"
    assert api.get(f"{path}?user_id=ada").status_code == 200
    assert api.get(f"{path}?user_id=bob").status_code == 404


@pytest.mark.wire("mielto", "update_memory", "a user_id counts in the query too, and two users have none")
@pytest.mark.wire("mielto", "replace_memory", "a user_id counts in the query too, and two users have none")
@pytest.mark.wire("mielto", "list_memory_history", "with the user_id of another user it is 404")
def test_it_is_its_owners_on_every_route(api: ApiClient):
    path = f"{PATH}/{make(api)['memory_id']}"
    given = {"memory": "Lives in Oslo"}
    for method, below, body in (("GET", "/history", None), ("PUT", "", given), ("POST", "/replace", given)):
        assert api.call(method, f"{path}{below}?user_id=bob", body).status_code == 404
        assert api.call(method, f"{path}{below}?user_id=ada", body).status_code == 200
    for method, below in (("PUT", ""), ("POST", "/replace")):
        both = api.call(method, f"{path}{below}?user_id=ada", {"memory": "Has a cat", "user_id": "bob"})
        assert both.status_code == 404
    assert listed(api) == ["Lives in Oslo"]


@pytest.mark.wire("mielto", "update_memory", "200 with the memory in `memory`; what is left out stays")
def test_an_update(api: ApiClient):
    made = make(api)
    answer = api.put(f"{PATH}/{made['memory_id']}", {"memory": "Lives in Paris"}).json()["memory"]
    assert answer["updated_at"] > made["updated_at"]
    changed = {"memory": "Lives in Paris", "version": 2, "updated_at": answer["updated_at"]}
    assert answer == made | changed
    assert listed(api) == ["Lives in Paris"]


@pytest.mark.wire(
    "mielto", "update_memory", "null clears topics and metadata; values that it has change nothing"
)
def test_null_and_nothing_new(api: ApiClient):
    made = make(api)
    path = f"{PATH}/{made['memory_id']}"
    assert api.patch(path, {"memory": made["memory"], "topics": ["place"]}).json()["memory"] == made
    cleared = api.patch(path, {"topics": None, "metadata": None, "memory": None}).json()["memory"]
    assert (cleared["topics"], cleared["metadata"], cleared["memory"]) == (None, None, made["memory"])


@pytest.mark.wire("mielto", "update_memory", "what another memory of the user says is 422")
def test_no_update_makes_two_of_one_text(api: ApiClient):
    make(api)
    cat = make(api, memory="Has a cat")
    response = api.put(f"{PATH}/{cat['memory_id']}", {"memory": "LIVES IN ROME"})
    assert (response.status_code, response.json()["detail"][0]["type"]) == (422, "memory_known")
    assert listed(api) == ["Has a cat", "Lives in Rome"]


@pytest.mark.wire("mielto", "update_memory", "a bad value is 422; that of another user is 404")
def test_a_bad_update(api: ApiClient):
    path = f"{PATH}/{make(api)['memory_id']}"
    assert api.put(path, {"memory": ""}).status_code == 422
    assert api.put(path, {"memory": "Lives in Paris", "user_id": "bob"}).status_code == 404
    assert api.put(path, {"memory": "Lives in Paris", "user_id": "ada"}).status_code == 200


@pytest.mark.wire(
    "mielto", "replace_memory", "the old and the new one; id and created_at stay, the rest is cleared"
)
def test_a_replacement(api: ApiClient):
    made = make(api)
    body = {"memory": "Lives in Paris", "user_id": "ada"}
    answer = api.post(f"{PATH}/{made['memory_id']}/replace", body).json()
    assert answer["old_memory"] == made
    new = answer["memory"]
    assert (new["memory"], new["topics"], new["metadata"]) == ("Lives in Paris", None, None)
    assert (new["memory_id"], new["created_at"]) == (made["memory_id"], made["created_at"])
    assert api.post(f"{PATH}/{made['memory_id']}/replace", {"memory": "x", "user_id": "b"}).status_code == 404


@pytest.mark.wire(
    "mielto", "delete_memory", "204; afterwards it is 404, with its history; also for another user"
)
def test_a_deletion(api: ApiClient):
    path = f"{PATH}/{make(api)['memory_id']}"
    assert api.delete(f"{path}?user_id=bob").status_code == 404
    response = api.delete(f"{path}?user_id=ada")
    assert (response.status_code, response.content) == (204, b"")
    for method, below in (("GET", ""), ("DELETE", ""), ("GET", "/history"), ("PUT", "")):
        assert api.call(method, path + below, {"memory": "x"}).status_code == 404


@pytest.mark.wire("mielto", "delete_memory", "a repeat of the request that wrote it is 404")
def test_a_deleted_one_does_not_come_back_from_kept_answers(api: ApiClient):
    made = api.post(PATH, ROME, idempotency_key="k").json()
    replaced = {"memory": "Lives in Paris"}
    api.post(f"{PATH}/{made['memory_id']}/replace", replaced, idempotency_key="r")
    api.delete(f"{PATH}/{made['memory_id']}")
    assert api.post(PATH, ROME, idempotency_key="k").status_code == 404
    kept = [bytes(record.body or b"") for record in IdempotencyRecord.objects.all()]
    assert not [body for body in kept if b"Rome" in body or b"Paris" in body]


@pytest.mark.wire(
    "mielto", "list_memory_history", "each version: what it said, by whom or what, from which messages"
)
def test_a_history(api: ApiClient, acme: Tenant):
    row = drawn(acme, "Lives in Rome", acme.question.pk)
    api.put(f"{PATH}/{row.pk}", {"memory": "Lives in Paris"})
    page = api.get(f"{PATH}/{row.pk}/history").json()
    told = [(each["version"], each["action"], each["memory"], each["message_ids"]) for each in page["data"]]
    assert told == [
        (2, "updated", "Lives in Paris", []),
        (1, "created", "Lives in Rome", [acme.question.pk]),
    ]
    newest, oldest = page["data"]
    assert (newest["actor"], oldest["actor"]) == ({"type": "api_key", "id": acme.api_key.pk}, None)
    assert (newest["extractor"], oldest["extractor"]) == (None, "rules")
    assert page["total_count"] == 2


@pytest.mark.parametrize(
    ("changes", "extractor"), [({"topics": ["home"]}, "rules"), ({"memory": "Lives in Paris"}, None)]
)
def test_no_extractor_stands_at_what_somebody_wrote(
    api: ApiClient, acme: Tenant, changes: dict[str, Any], extractor: str | None
):
    row = drawn(acme, "Lives in Rome", acme.question.pk)
    assert api.put(f"{PATH}/{row.pk}", changes).json()["memory"]["extractor"] == extractor


@pytest.mark.wire("mielto", "get_memory", "a hidden one is 404 on every route, and in no list")
def test_a_hidden_one_is_nowhere(api: ApiClient, acme: Tenant):
    row = drawn(acme, "Lives in Rome", acme.question.pk, acme.reply.pk)
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    path, user = f"{PATH}/{row.pk}", acme.question.sender_id
    assert MemorySource.objects.for_workspace(acme.workspace.pk).count() == 1
    assert api.get(path).status_code == api.get(f"{path}/history").status_code == 404
    assert api.put(path, {"memory": "x"}).status_code == api.delete(path).status_code == 404
    assert api.post(f"{path}/replace", {"memory": "x"}).status_code == 404
    assert listed(api) == api.get(f"{PATH}/chunks").json()["data"] == []
    for method in ("keyword", "last_n", "first_n"):
        body = {"query": "Rome", "user_id": user, "retrieval_method": method}
        assert api.post(f"{PATH}/search", body).json()["memories"] == []
    profile = api.get(f"{PATH}/profile?user_id={user}").json()
    assert (profile["profile"], profile["structured_profile"]) == (None, None)


@pytest.mark.wire("mielto", "search_memories", "four keys; retrieval_method says how it was searched")
def test_a_search(api: ApiClient):
    make(api)
    make(api, memory="Has a cat")
    answer = api.post(f"{PATH}/search", {"query": "rome", "user_id": "ada"}).json()
    assert list(answer) == ["memories", "total_results", "query", "retrieval_method"]
    assert [row["memory"] for row in answer["memories"]] == ["Lives in Rome"]
    assert (answer["total_results"], answer["query"], answer["retrieval_method"]) == (1, "rome", "keyword")


@pytest.mark.wire(
    "mielto", "search_memories", "last_n: the newest first; first_n: the oldest first; limit 1..100"
)
def test_the_newest_and_the_oldest(api: ApiClient):
    texts = [make(api, memory=f"Fact {number}")["memory"] for number in range(3)]
    body = {"query": "", "user_id": "ada", "limit": 2}
    for method, expected in (("last_n", texts[:0:-1]), ("first_n", texts[:2])):
        answer = api.post(f"{PATH}/search", body | {"retrieval_method": method}).json()
        assert [row["memory"] for row in answer["memories"]] == expected
        assert answer["retrieval_method"] == method
    assert api.post(f"{PATH}/search", body | {"limit": 101}).status_code == 422
    assert api.post(f"{PATH}/search", body | {"retrieval_method": "guess"}).status_code == 422


@pytest.mark.wire(
    "mielto",
    "create_memories_from_messages",
    "what a user says of themselves, at once; nothing else is stored",
)
def test_from_messages(api: ApiClient, acme: Tenant):
    messages = [
        {"role": "user", "content": "My name is Ada."},
        {"role": "assistant", "content": "I live in a data centre."},
        {"role": "user", "content": [{"type": "text", "text": "I live in Rome."}]},
    ]
    answer = api.post(f"{PATH}/from_messages", {"messages": messages, "user_id": "ada"}).json()
    ids = answer["result"]["memory_ids"]
    assert (answer["result"]["memories_created"], len(ids)) == (2, 2)
    rows = Memory.objects.for_workspace(acme.workspace.pk).of_user("ada")
    assert {row.pk for row in rows} == set(ids)
    assert not any("data centre" in row.memory for row in rows)
    again = api.post(f"{PATH}/from_messages", {"messages": messages, "user_id": "ada"}).json()
    assert again["result"] == {"memories_created": 0, "memory_ids": []}


class Away:
    name, version, sees_all = "away", "1", False

    def extract(self, turns: object, known: object) -> list[Any]:
        raise ModelUnavailable("http://model:8000 refused the connection")


@pytest.mark.wire("mielto", "create_memories_from_messages", "503 while what draws them does not answer")
def test_from_messages_without_a_model(api: ApiClient, settings: Any):
    settings.PARLEY = {**settings.PARLEY, "MEMORIES": {"EXTRACTOR": f"{__name__}.Away"}}
    body = {"messages": [{"role": "user", "content": "I live in Rome."}], "user_id": "ada"}
    api.client.raise_request_exception = False
    response = api.post(f"{PATH}/from_messages", body)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "model:8000" not in response.text


@pytest.mark.wire(
    "mielto", "list_memory_chunks", "a chunk for each memory, the oldest first, with its vector where asked"
)
def test_chunks(api: ApiClient, acme: Tenant):
    first, second = make(api), make(api, memory="Has a cat", topics=None, metadata=None)
    Memory.objects.filter(pk=first["memory_id"]).update(embedding=b"\x00\x3c\x00\xbc", embedder="e")
    page = api.get(f"{PATH}/chunks?user_id=ada&limit=1&include_embedding=true").json()
    [chunk] = page["data"]
    assert chunk["id"] == chunk["content_id"] == first["memory_id"]
    assert (chunk["content"], chunk["embedding"]) == ("Lives in Rome", [1.0, -1.0])
    assert chunk["metadata"] == {"certain": True, "user_id": "ada", "topics": ["place"]}
    assert (page["has_more"], page["total_count"]) == (True, 2)
    rest = api.get(f"{PATH}/chunks?user_id=ada&limit=1&cursor={page['next_cursor']}").json()
    assert [row["id"] for row in rest["data"]] == [second["memory_id"]]
    assert (rest["data"][0]["embedding"], rest["has_more"]) == (None, False)


@pytest.mark.wire(
    "mielto",
    "get_memory_profile",
    "the memory of type profile, and its metadata; else what is known by topic",
)
def test_a_profile(api: ApiClient):
    empty = api.get(f"{PATH}/profile?user_id=ada").json()
    assert empty == {"user_id": "ada", "profile": None, "structured_profile": None}
    make(api)
    make(api, memory="Has a cat", topics=None)
    by_topic = api.get(f"{PATH}/profile?user_id=ada").json()
    assert by_topic["structured_profile"] == {"other": ["Has a cat"], "place": ["Lives in Rome"]}
    whole = make(api, memory="Ada of Rome", memory_type="profile", metadata={"name": "Ada"})
    profile = api.get(f"{PATH}/profile?user_id=ada").json()
    assert (profile["profile"], profile["structured_profile"]) == (whole, {"name": "Ada"})
    assert api.get(f"{PATH}/profile").status_code == 422


@pytest.mark.parametrize(
    ("permission", "method", "path"),
    [
        ("read", "GET", ""),
        ("read", "POST", "/search"),
        ("read", "GET", "/chunks"),
        ("read", "GET", "/profile"),
        ("write", "POST", ""),
        ("write", "POST", "/from_messages"),
        ("write", "DELETE", "/x"),
        ("write", "POST", "/x/replace"),
    ],
)
def test_permissions(client_with: Any, permission: str, method: str, path: str):
    others = {"read", "write", "agent", "admin"} - {permission}
    assert client_with(*others).call(method, PATH + path, {}).status_code == 403
    assert client_with(permission).call(method, PATH + path, {}).status_code != 403


def test_another_workspace_sees_none(api: ApiClient, stranger: ApiClient):
    made = make(api)
    assert listed(stranger) == []
    for method in ("keyword", "last_n"):
        body = {"query": "Rome", "user_id": "ada", "retrieval_method": method}
        assert stranger.post(f"{PATH}/search", body).json()["memories"] == []
    assert stranger.get(f"{PATH}/profile?user_id=ada").json()["structured_profile"] is None
    assert stranger.get(f"{PATH}/chunks?user_id=ada").json()["data"] == []
    assert stranger.get(f"{PATH}/{made['memory_id']}").status_code == 404
