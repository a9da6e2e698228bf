"""What people and evaluators think of messages: given, listed, taken back, gone with its message."""

from typing import Any

import pytest

from messaging.models import Change, Feedback
from messaging.services import (
    create_run,
    delete_conversation,
    delete_messages,
    give_feedback,
    redact_conversation,
    redact_messages,
)
from tests.cast import Tenant
from tests.client import ApiClient


def give(api: ApiClient, acme: Tenant, **body: Any) -> Any:
    return api.post(f"/api/v1/messages/{acme.reply.pk}/feedback", body)


def stored(acme: Tenant) -> list[Feedback]:
    return list(Feedback.objects.for_workspace(acme.workspace.pk).order_by("id"))


@pytest.mark.wire(
    "mielto", "give_feedback", "201 for the first of a name and a user; the type follows the value"
)
@pytest.mark.parametrize(
    ("value", "data_type"),
    [
        (True, "boolean"),
        (False, "boolean"),
        (1, "numeric"),
        (0, "numeric"),
        (-0.25, "numeric"),
        ("good", "categorical"),
        ("", "categorical"),
        ("w" * 256, "text"),
    ],
)
def test_each_kind_of_value_comes_back(api: ApiClient, acme: Tenant, value: object, data_type: str):
    response = give(api, acme, value=value, comment="since", user_id="ada")
    assert response.status_code == 201
    row = response.json()
    assert (row["value"], type(row["value"]) is bool) == (value, isinstance(value, bool))
    assert (row["data_type"], row["comment"], row["user_id"], row["name"]) == (
        data_type,
        "since",
        "ada",
        "rating",
    )
    assert (row["message_id"], row["conversation_id"]) == (acme.reply.pk, acme.conversation.pk)
    assert api.get(f"/api/v1/feedback/{row['id']}").json() == row


@pytest.mark.wire("mielto", "give_feedback", "score is value under another name; data_type may be given")
def test_a_score_is_a_value(api: ApiClient, acme: Tenant):
    assert give(api, acme, score=0.5).json()["value"] == 0.5
    assert give(api, acme, name="a", score=1, data_type="boolean").json()["value"] is True
    assert give(api, acme, name="b", value="short", data_type="text").json()["data_type"] == "text"


def test_of_two_values_none_is_taken(api: ApiClient, acme: Tenant):
    assert give(api, acme, value=1, score=1).json()["detail"][0]["type"] == "value_twice"


@pytest.mark.wire("mielto", "give_feedback", "422 for no value, for two, and for one that is not of its type")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"comment": "why"},
        {"value": 1, "score": 1},
        {"value": "x", "data_type": "numeric"},
        {"value": 2, "data_type": "boolean"},
        {"value": 1, "data_type": "text"},
        {"value": "c" * 256, "data_type": "categorical"},
        {"value": [1]},
        {"value": 1, "name": ""},
        {"value": 1, "name": "n" * 256},
        {"value": 1, "data_type": "stars"},
        {"value": 10**400},
        {"value": 1, "comment": "\0"},
    ],
)
def test_what_is_no_feedback_is_422(api: ApiClient, acme: Tenant, body: dict[str, Any]):
    assert give(api, acme, **body).status_code == 422
    assert stored(acme) == []


@pytest.mark.wire(
    "mielto", "give_feedback", "200 for a further one of that name and user, which takes its place"
)
def test_who_thinks_again_has_one(api: ApiClient, acme: Tenant):
    first = give(api, acme, value=True, user_id="ada", comment="yes").json()
    again = give(api, acme, value="mixed", user_id="ada")
    assert again.status_code == 200
    assert again.json()["id"] == first["id"]
    assert (again.json()["value"], again.json()["comment"]) == ("mixed", None)
    for body in ({"user_id": "bob"}, {"name": "tone", "user_id": "ada"}, {}):
        assert give(api, acme, value=1, **body).status_code == 201
    assert len(stored(acme)) == 4


@pytest.mark.wire("mielto", "give_feedback", "without user_id the end user of the request; null for nobody")
def test_the_user_of_the_request_thinks_so(api: ApiClient, acme: Tenant):
    path = f"/api/v1/messages/{acme.reply.pk}/feedback"
    assert api.post(path, {"value": 1}, x_user_id="eve").json()["user_id"] == "eve"
    assert api.post(path, {"value": 1}).json()["user_id"] is None
    assert give(api, acme, value=2).status_code == 200


def test_the_same_again_changes_nothing(api: ApiClient, acme: Tenant):
    first, again = (give(api, acme, value=0.5).json() for _ in range(2))
    assert first == again
    kinds = (
        Change.objects.filter(workspace_id=acme.workspace.pk).order_by("id").values_list("kind", flat=True)
    )
    assert list(kinds)[-1:] == ["feedback.created"]
    assert "feedback.updated" not in kinds


@pytest.mark.wire(
    "mielto", "give_feedback", "404 for a message that is not there, or is of another workspace"
)
def test_no_message_is_404(api: ApiClient, acme: Tenant, globex: Tenant):
    answers = [
        api.post(f"/api/v1/messages/{name}/feedback", {"value": 1}) for name in ("msg_x", globex.reply.pk)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


@pytest.mark.wire("mielto", "give_feedback", "a run that holds the conversation does not matter")
def test_a_run_keeps_nobody_from_thinking(api: ApiClient, acme: Tenant):
    create_run(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, agent_id="a")
    assert give(api, acme, value=True).status_code == 201


@pytest.mark.wire("mielto", "give_feedback", "Idempotency-Key is honoured")
def test_a_retry_is_answered_alike(api: ApiClient, acme: Tenant):
    path = f"/api/v1/messages/{acme.reply.pk}/feedback"
    first, again = (api.post(path, {"value": 1}, idempotency_key="k") for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)


@pytest.fixture
def several(api: ApiClient, acme: Tenant) -> None:
    give(api, acme, value=True, user_id="ada")
    give(api, acme, value=0.25, name="helpfulness", user_id="judge")
    give(api, acme, value="delivery", name="topic")
    api.post(f"/api/v1/messages/{acme.question.pk}/feedback", {"value": False, "user_id": "ada"})


@pytest.mark.usefixtures("several")
@pytest.mark.wire(
    "mielto", "list_feedback", "filters: name, user_id, data_type, value, above, below, message, conversation"
)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 4),
        ("name=rating", 2),
        ("user_id=ada", 2),
        ("data_type=numeric", 1),
        ("value=delivery", 1),
        ("above=0.2&below=0.3", 1),
        ("data_type=boolean&above=0", 1),
        ("message_id={question}", 1),
        ("conversation_id={conversation}", 4),
        ("conversation_id=conv_x", 0),
        ("name=rating&limit=1", 2),
        ("created_after=2999-01-01", 0),
    ],
)
def test_the_list_is_narrowed(api: ApiClient, acme: Tenant, query: str, expected: int):
    named = query.format(question=acme.question.pk, conversation=acme.conversation.pk)
    page = api.get(f"/api/v1/feedback?{named}").json()
    assert page["total_count"] == expected


@pytest.mark.usefixtures("several")
@pytest.mark.wire("mielto", "list_feedback", "the latest first; next_cursor leads to the end")
def test_the_latest_comes_first(api: ApiClient):
    rows, query = [], "limit=3"
    while query:
        page = api.get(f"/api/v1/feedback?{query}").json()
        rows += page["data"]
        query = page["next_cursor"] and f"limit=3&cursor={page['next_cursor']}"
    assert [row["value"] for row in rows] == [False, "delivery", 0.25, True]


@pytest.mark.usefixtures("several")
@pytest.mark.wire("mielto", "list_message_feedback", "that of one message; 404 for no message")
def test_a_message_lists_its_own(api: ApiClient, acme: Tenant, globex: Tenant):
    page = api.get(f"/api/v1/messages/{acme.reply.pk}/feedback").json()
    assert [row["name"] for row in page["data"]] == ["topic", "helpfulness", "rating"]
    for name in ("msg_x", globex.reply.pk):
        assert api.get(f"/api/v1/messages/{name}/feedback").status_code == 404


@pytest.mark.wire("mielto", "get_feedback", "404 where it is not there, or of another workspace")
@pytest.mark.wire("mielto", "delete_feedback", "204, and it is gone; 404 for one of another workspace")
def test_it_is_taken_back(api: ApiClient, acme: Tenant, globex: Tenant):
    foreign, _ = give_feedback(workspace_id=globex.workspace.pk, message_id=globex.reply.pk, value=True)
    row = give(api, acme, value=True).json()
    for name in (foreign.pk, "fbk_x"):
        assert api.get(f"/api/v1/feedback/{name}").status_code == 404
        assert api.delete(f"/api/v1/feedback/{name}").status_code == 404
    assert api.delete(f"/api/v1/feedback/{row['id']}").status_code == 204
    assert api.delete(f"/api/v1/feedback/{row['id']}").status_code == 404
    assert api.get("/api/v1/feedback").json()["total_count"] == 0
    told = Change.objects.filter(workspace_id=acme.workspace.pk, kind="feedback.deleted").get()
    assert told.message_ids == [acme.reply.pk]


@pytest.mark.usefixtures("several")
def test_it_goes_with_its_message_and_its_conversation(acme: Tenant):
    delete_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk])
    assert [row.message_id for row in stored(acme)] == [acme.question.pk]
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    assert stored(acme) == []


def test_what_people_wrote_is_redacted_with_the_message(api: ApiClient, acme: Tenant):
    give(api, acme, value=False, comment="my name is Ada", user_id="ada")
    give(api, acme, value="my name is Ada", data_type="text", name="note", user_id="ada")
    give(api, acme, value="delivery", name="topic")
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk])
    assert [(row.value, row.comment, row.user_id) for row in stored(acme)] == [
        (False, None, "ada"),
        ("[redacted]", None, "ada"),
        ("[redacted]", None, ""),  # a category of up to 255 characters may be a sentence, too
    ]


def test_who_they_are_is_redacted_with_the_conversation(api: ApiClient, acme: Tenant):
    for user_id in ("ada", "bob", None):
        give(api, acme, value=True, user_id=user_id)
    redact_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    ada, bob, nobody = stored(acme)
    assert ada.user_id.startswith("[redacted]")
    assert bob.user_id.startswith("[redacted]")
    assert (len({ada.user_id, bob.user_id}), nobody.user_id) == (2, "")
