"""What each field of the operations on memories takes and refuses."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from messaging.models import Memory
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/memories"
LONG = "x" * 10_001
UNSTORABLE = ("a\0b", "\ud800")
TEXT: tuple[Any, ...] = (None, 1, True, [], {}, *UNSTORABLE)
"""What is no text."""
SOME_TEXT = (*TEXT, "", LONG)
OPTIONAL = TEXT[1:]
REFUSED: dict[str, Iterable[Any]] = {
    "memory": (*TEXT, "", "  ", "\u3000", LONG),
    "query": (*TEXT, LONG),
    "retrieval_method": (*OPTIONAL, "", "agentic_last_n"),
    "limit": (0, 101, 1.5, "", [], 10**30),
    "memory_type": (*OPTIONAL, "x" * 65),
    "topics": ("", 1, {}, [None], [1], [LONG], ["a"] * 10_000, [UNSTORABLE[0]], [UNSTORABLE[1]]),
    "metadata": ("", 1, [], {"a": UNSTORABLE[0]}, {UNSTORABLE[1]: 1}, {"a": "x" * 70_000}),
    "messages": (
        *(None, "", {}, [None], ["x"], [{"content": "x"}], [{"role": "x" * 65, "content": "x"}]),
        *([{"role": "user", "content": value}] for value in (1, ["x"], {"x": 1}, *UNSTORABLE)),
    ),
    "agent_id": (*OPTIONAL, LONG),
    "team_id": (*OPTIONAL, LONG),
}
TAKEN: dict[str, Iterable[Any]] = {
    "query": ("", "  "),
    "retrieval_method": (None,),
    "limit": (None, 1, 100),
    "memory_type": (None, ""),
    "topics": (None, [], [""]),
    "metadata": (None, {}, {"": None}),
    "messages": ([], [{"role": "user"}], [{"role": "user", "content": None}], [{"role": "", "content": ""}]),
    "agent_id": (None, ""),
    "team_id": (None, ""),
}
FIELDS = {
    "create": ("user_id", "memory", "memory_type", "topics", "metadata"),
    "update": ("memory_type", "topics", "metadata"),
    "replace": ("memory", "topics", "metadata"),
    "search": ("query", "limit", "retrieval_method"),
    "from_messages": ("user_id", "messages", "agent_id", "team_id"),
}
BODIES: dict[str, dict[str, Any]] = {
    "create": {"user_id": "ada", "memory": "Has a cat"},
    "update": {},
    "replace": {"memory": "Has a dog"},
    "search": {"query": "rome"},
    "from_messages": {"user_id": "ada", "messages": []},
}
Call = Callable[..., Any]


@pytest.fixture
def rome(api: ApiClient) -> str:
    made = api.post(PATH, {"user_id": "ada", "memory": "Lives in Rome", "topics": ["location"]})
    pk: str = made.json()["memory_id"]
    return pk


@pytest.fixture
def call(api: ApiClient, rome: str) -> Call:
    """Calls an operation with these fields."""
    calls = {
        "create": (api.post, PATH),
        "update": (api.put, f"{PATH}/{rome}"),
        "replace": (api.post, f"{PATH}/{rome}/replace"),
        "search": (api.post, f"{PATH}/search"),
        "from_messages": (api.post, f"{PATH}/from_messages"),
    }

    def run(operation: str, **fields: Any) -> Any:
        send, path = calls[operation]
        return send(path, BODIES[operation] | fields)

    return run


def table(values: dict[str, Iterable[Any]]) -> list[Any]:
    """A row for each operation, field and value."""
    rows = [
        (operation, field, value)
        for operation, fields in FIELDS.items()
        for field in fields
        for value in values.get(field, ())
    ]
    return [pytest.param(*row, id=f"{row[0]}-{row[1]}-{ascii(row[2])[:30]}") for row in rows]


@pytest.mark.parametrize(("operation", "field", "value"), table(REFUSED | {"user_id": SOME_TEXT}))
def test_it_is_refused_by_name(acme: Tenant, call: Call, operation: str, field: str, value: Any):
    response = call(operation, **{field: value})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][:2] == ["body", field]
    [row] = Memory.objects.for_workspace(acme.workspace.pk)
    assert (row.memory, row.topics, row.version) == ("Lives in Rome", ["location"], 1)


@pytest.mark.parametrize(("operation", "field", "value"), table(TAKEN))
def test_it_is_taken(call: Call, operation: str, field: str, value: Any):
    assert call(operation, **{field: value}).status_code == 200


@pytest.mark.parametrize("value", [value for value in REFUSED["memory"] if value is not None])
def test_an_update_refuses_what_is_no_memory(call: Call, value: Any):
    assert call("update", memory=value).status_code == 422


@pytest.mark.wire("mielto", "update_memory", "null clears topics and metadata, and leaves everything else")
def test_an_update_with_nulls(call: Call):
    row = call("update", memory=None, memory_type=None, topics=None, metadata=None).json()["memory"]
    assert (row["memory"], row["memory_type"], row["topics"]) == ("Lives in Rome", "user", None)


@pytest.mark.parametrize("operation", ["update", "replace"])
def test_whose_memory_it_is_may_be_left_out(call: Call, operation: str):
    assert call(operation, user_id=None).status_code == 200
    assert call(operation, user_id="").status_code == 422
    assert call(operation, user_id=" ").status_code == 404


@pytest.mark.wire("mielto", "get_memory_profile", "a memory of a blank topic stands under `other`")
def test_a_blank_topic(api: ApiClient, call: Call):
    call("create", user_id="bob", topics=["", "pets"])
    profile = api.get(f"{PATH}/profile?user_id=bob").json()["structured_profile"]
    assert profile == {"other": ["Has a cat"], "pets": ["Has a cat"]}
