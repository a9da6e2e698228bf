"""GET /api/v1/messages: the envelope, the filters, the orders."""

import pytest

from messaging.services import MessageDraft, Writer, append_messages
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/messages"


@pytest.fixture(autouse=True)
def history(acme: Tenant) -> None:
    """Behind the two messages of the cast: three that differ in every filterable field."""
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        writer=Writer(),
        drafts=[
            MessageDraft(content="red", sender_id="ann", tags=["a"], parent_message_id="p1"),
            MessageDraft(content="green", role="assistant", tags=["a", "b"], message_type="image"),
            MessageDraft(content="blue", role="tool", tags=["b", "été"], sender_id="bob"),
        ],
    )


def texts(api: ApiClient, query: str) -> list[str]:
    response = api.get(f"{PATH}?order_direction=asc&{query}")
    assert response.status_code == 200, response.json()
    page = response.json()
    assert page["total_count"] == len(page["data"])
    return [row["content"] for row in page["data"]]


@pytest.mark.wire("mielto", "list_messages", "200 is a page object of seven keys")
def test_it_answers_a_page(api: ApiClient):
    page = api.get(PATH).json()
    data = page.pop("data")
    assert len(data) == 5
    assert page == {
        "total_count": 5,
        "page": 1,
        "limit": 100,
        "next_page": None,
        "next_cursor": None,
        "has_more": False,
    }


@pytest.mark.wire("mielto", "list_messages", "newest first unless asked otherwise")
def test_the_newest_comes_first(api: ApiClient):
    assert [row["content"] for row in api.get(PATH).json()["data"]][:3] == ["blue", "green", "red"]


@pytest.mark.wire("mielto", "list_messages", "a row is the MessageRead of its create answer")
def test_a_row_is_what_the_create_call_answered(api: ApiClient):
    [row] = api.post(PATH, {"content": {"content": "x", "tags": ["t"], "meta_data": {"é": [1]}}}).json()
    assert api.get(f"{PATH}?limit=1").json()["data"] == [row]


@pytest.mark.wire(
    "mielto", "list_messages", "filters: sender_id, role, message_type, parent_message_id, tags"
)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sender_id=ann", ["red"]),
        ("sender_id=nobody", []),
        ("sender_id=AN", []),
        ("role=assistant&message_type=image", ["green"]),
        ("role=tool", ["blue"]),
        ("message_type=image", ["green"]),
        ("parent_message_id=p1", ["red"]),
        ("tags=a", ["red", "green"]),
        ("tags=a,b", ["red", "green", "blue"]),
        ("tags=b,unknown", ["green", "blue"]),
        ("tags=%20a%20,,", ["red", "green"]),
        ("tags=A", []),
        ("tags=%C3%A9t%C3%A9", ["blue"]),
        ("tags=a,b&tags_mode=all", ["green"]),
        ("tags=a,b&tags_mode=any", ["red", "green", "blue"]),
        ("tags=a&tags_mode=all", ["red", "green"]),
        ("tags=a,b,c&tags_mode=all", []),
        ("tags=b&role=tool&search=BLU", ["blue"]),
        ("tags=b&role=tool&sender_id=ann", []),
    ],
)
def test_a_filter_narrows(api: ApiClient, query, expected):
    assert texts(api, query) == expected


@pytest.mark.wire("mielto", "list_messages", "filter: conversation_id")
def test_one_conversation_can_be_listed(api: ApiClient, acme: Tenant):
    [row] = api.post(PATH, {"content": {"content": "elsewhere"}}).json()
    assert texts(api, f"conversation_id={row['conversation_id']}") == ["elsewhere"]
    assert len(texts(api, f"conversation_id={acme.conversation.pk}")) == 5


@pytest.mark.wire("mielto", "list_messages", "an empty parameter counts as not given")
@pytest.mark.parametrize(
    "name",
    ["conversation_id", "sender_id", "role", "message_type", "search", "tags", "parent_message_id", "cursor"],
)
def test_an_empty_parameter_counts_as_not_given(api: ApiClient, name):
    assert len(texts(api, f"{name}=")) == 5


def test_tags_of_nothing_but_commas_count_as_not_given(api: ApiClient):
    assert len(texts(api, "tags=,%20,")) == 5


def test_an_unknown_parameter_is_ignored(api: ApiClient):
    assert len(texts(api, "colour=red&tags_mode=all")) == 5


def test_of_a_repeated_parameter_the_last_counts(api: ApiClient):
    assert texts(api, "role=tool&role=assistant&message_type=image") == ["green"]


@pytest.mark.wire("mielto", "list_messages", "a query value out of range or of the wrong type is 422")
@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        ("limit=0", "limit", "greater_than_equal"),
        ("limit=1001", "limit", "less_than_equal"),
        ("limit=ten", "limit", "int_parsing"),
        ("skip=-1", "skip", "greater_than_equal"),
        ("skip=1.5", "skip", "int_parsing"),
        ("order_direction=up", "order_direction", "literal_error"),
        ("order_by=content", "order_by", "enum"),
        ("order_by=workspace__name", "order_by", "enum"),
        ("order_by=-created_at", "order_by", "enum"),
        ("tags_mode=some", "tags_mode", "literal_error"),
        ("created_after=soon", "created_after", "datetime_from_date_parsing"),
        ("search=%00", "search", "string_unstorable"),
        ("role=%00", "role", "string_unstorable"),
        ("cursor=made-up", "cursor", "cursor_invalid"),
    ],
)
def test_a_bad_query_is_refused(api: ApiClient, query, name, kind):
    response = api.get(f"{PATH}?{query}")
    assert response.status_code == 422
    [problem] = response.json()["detail"]
    assert (problem["loc"], problem["type"]) == (["query", name], kind)


def test_everything_wrong_is_said_at_once(api: ApiClient):
    problems = api.get(f"{PATH}?limit=0&skip=x").json()["detail"]
    assert {problem["loc"][1] for problem in problems} == {"limit", "skip"}


@pytest.mark.wire("mielto", "list_messages", "limit 1..1000 is taken")
@pytest.mark.parametrize(("limit", "length"), [(1, 1), (5, 5), (1_000, 5)])
def test_the_limit_is_kept(api: ApiClient, limit, length):
    page = api.get(f"{PATH}?limit={limit}").json()
    assert (len(page["data"]), page["limit"]) == (length, limit)


@pytest.mark.wire("mielto", "list_messages", "order_by: an allow-list of field names, both directions")
@pytest.mark.parametrize(
    "name", ["created_at", "updated_at", "sent_at", "seq", "id", "sender_id", "role", "message_type"]
)
def test_it_can_be_ordered_by(api: ApiClient, name):
    ascending = api.get(f"{PATH}?order_by={name}&order_direction=asc").json()["data"]
    descending = api.get(f"{PATH}?order_by={name}&order_direction=DESC").json()["data"]
    assert ascending == list(reversed(descending))
    if name != "seq":
        assert [row[name] for row in ascending] == sorted(row[name] for row in ascending)


@pytest.mark.wire("mielto", "list_messages", "ties are broken by conversation and seq, in the same direction")
def test_ties_keep_the_order_of_arrival(api: ApiClient, acme: Tenant):
    api.post(
        PATH,
        {
            "conversation_id": acme.conversation.pk,
            "content": [{"content": str(n), "role": "tie"} for n in range(9)],
        },
    )
    for name in ("created_at", "role", "message_type", "sender_id"):
        found = [row["content"] for row in api.get(f"{PATH}?role=tie&order_by={name}").json()["data"]]
        assert found == list("876543210"), name


def test_messages_of_other_workspaces_are_not_listed(api: ApiClient, globex: Tenant):
    assert api.get(f"{PATH}?conversation_id={globex.conversation.pk}").status_code == 404
    assert texts(api, "search=globex") == []
    assert globex.question.pk not in {row["id"] for row in api.get(PATH).json()["data"]}
