"""Tags and keys of meta data are entries of an index: both have limits, however they come."""

from typing import Any

import pytest

from messaging.exceptions import InvalidValue
from messaging.models import Conversation, Message
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    tag_messages,
    update_message,
)
from tests.cast import Tenant
from tests.client import ApiClient
from tests.transfer import imported, lines

MANY_TAGS = {"tags": ["a", "b", "c", "d"]}
LONG_TAG = {"tags": ["short", "t" * 9]}
MANY_KEYS = {"meta_data": dict.fromkeys("abcd")}
LONG_KEY = {"meta_data": {"k" * 9: 1}}
MERGED = {"meta_data": dict.fromkeys("cd", 1)}
BEYOND = [MANY_TAGS, LONG_TAG, MANY_KEYS, LONG_KEY]


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.PARLEY = {"MAX_TAGS": 3, "MAX_TAG_LENGTH": 8, "MAX_META_DATA_KEYS": 3, "MAX_KEY_LENGTH": 8}


def loc_of(response: Any) -> list[Any]:
    assert response.status_code == 422, response.content
    [problem] = response.json()["detail"]
    assert " at most " in f" {problem['msg'].lower()}"
    loc: list[Any] = problem["loc"]
    return loc


@pytest.mark.parametrize("beyond", BEYOND, ids=["tags", "tag", "keys", "key"])
def test_a_message_beyond_them_is_refused_by_name(api: ApiClient, acme: Tenant, beyond: dict[str, Any]):
    [name] = beyond
    at = [name, 1] if beyond is LONG_TAG else [name]
    message = {"content": "x"} | beyond
    conversation = f"/api/v1/conversations/{acme.conversation.pk}"
    assert loc_of(api.post(f"{conversation}/messages", message)) == ["body", *at]
    assert loc_of(api.put(f"/api/v1/messages/{acme.question.pk}", beyond)) == ["body", *at]
    seeds = {"messages": [{"content": "x"}, message]}
    assert loc_of(api.post("/api/v1/conversations", seeds)) == ["body", "messages", 1, *at]


def test_a_conversation_beyond_them_is_refused_by_name(api: ApiClient, acme: Tenant):
    path = f"/api/v1/conversations/{acme.conversation.pk}"
    assert loc_of(api.post("/api/v1/conversations", MANY_KEYS)) == ["body", "meta_data"]
    assert loc_of(api.put(path, {"collections": ["a", "b", "c", "d"]})) == ["body", "collections"]
    assert loc_of(api.put(path, LONG_KEY)) == ["body", "meta_data"]


def test_a_thread_beyond_them_is_refused_by_name(api: ApiClient, acme: Tenant):
    assert loc_of(api.post("/v1/threads", MANY_KEYS)) == ["body", "meta_data"]
    message = {"role": "user", "content": "x"} | LONG_KEY
    assert loc_of(api.post(f"/v1/threads/{acme.conversation.pk}/messages", message)) == ["body", "meta_data"]


def test_merging_does_not_go_beyond_them(api: ApiClient, acme: Tenant):
    path = f"/v1/threads/{acme.conversation.pk}/messages/{acme.question.pk}"
    assert api.patch(path, {"meta_data": {"a": 1, "b": 1}}).status_code == 200
    assert loc_of(api.patch(path, MERGED)) == ["body", "meta_data"]
    assert Message.objects.get(pk=acme.question.pk).meta_data == {"a": 1, "b": 1}


def test_as_much_as_they_say_is_taken(api: ApiClient, acme: Tenant):
    message = {
        "content": "x",
        "tags": ["t" * 8, "b", "c"],
        "meta_data": {"k" * 8: {"deep" * 9: 1}, "b": 1, "c": 1},
    }
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages"
    assert api.post(path, message).status_code == 201


@pytest.mark.parametrize("beyond", BEYOND, ids=["tags", "tag", "keys", "key"])
def test_the_services_refuse_the_same(acme: Tenant, beyond: dict[str, Any]):
    drafts = [MessageDraft(content="x"), MessageDraft(content="x", **beyond)]
    where = {"workspace_id": acme.workspace.pk, "writer": Writer()}
    with pytest.raises(InvalidValue) as error:
        append_messages(conversation_id=acme.conversation.pk, drafts=drafts, **where)
    assert error.value.loc == ("body", "messages", 1, *beyond)
    with pytest.raises(InvalidValue):
        create_conversation(drafts=drafts, **where)
    with pytest.raises(InvalidValue):
        update_message(workspace_id=acme.workspace.pk, message_id=acme.question.pk, changes=beyond)
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 1


def test_staff_who_tag_many_are_told_which_have_too_many(acme: Tenant):
    outcome = tag_messages(
        workspace_id=acme.workspace.pk, message_ids=[acme.question.pk], add=["a", "b", "c", "d"]
    )
    assert not outcome.changed
    assert "At most 3 tags" in str(outcome.refused[acme.question.pk])


@pytest.mark.usefixtures("in_english")
def test_an_import_refuses_the_record_and_names_it(acme: Tenant):
    chat = {"messages": [{"role": "user", "content": "x", **dict.fromkeys("abcd", 1)}]}
    report, [rejection] = imported(acme, lines({"messages": [{"role": "user", "content": "good"}]}, chat))
    assert (report.new_messages, report.rejected) == (1, 1)
    assert "meta_data: At most 3 keys" in rejection.reason
