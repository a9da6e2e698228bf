"""Mielto creates take a message in OpenAI's shape: `tool_call_id`, `name`, no content next to tool calls."""

from typing import Any

import pytest

from messaging.models import Message
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

MESSAGES = "/api/v1/messages"
CALL = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
RESULT: dict[str, Any] = {"role": "tool", "content": "shipped", "tool_call_id": "call_1", "name": "find"}
STRICT = {"prefer": "handling=strict"}


def in_a_batch(api: ApiClient, acme: Tenant, message: Any) -> Any:
    return api.post(MESSAGES, {"content": [message]}, **STRICT)


def alone(api: ApiClient, acme: Tenant, message: Any) -> Any:
    return api.post(MESSAGES, {"content": message}, **STRICT)


def in_its_conversation(api: ApiClient, acme: Tenant, message: Any) -> Any:
    return api.post(f"/api/v1/conversations/{acme.conversation.pk}/messages", message, **STRICT)


def as_first_message(api: ApiClient, acme: Tenant, message: Any) -> Any:
    return api.post("/api/v1/conversations", {"messages": [message]}, **STRICT)


@pytest.fixture(params=[in_a_batch, alone, in_its_conversation, as_first_message])
def create(request: pytest.FixtureRequest, api: ApiClient, acme: Tenant) -> Any:
    return lambda message: request.param(api, acme, message)


def last() -> Message:
    return Message.objects.latest("pk")


@pytest.mark.wire("mielto", "create_message", "tool_call_id and name next to content are kept in meta_data")
def test_the_link_to_a_call_is_kept(create: Any):
    assert create(RESULT | {"meta_data": {"ms": 3}}).status_code == 201
    assert last().meta_data == {"ms": 3, "tool_call_id": "call_1", "name": "find"}


def test_the_name_of_an_author_is_kept(create: Any):
    assert create({"role": "user", "content": "hi", "name": "ada"}).status_code == 201
    assert last().meta_data == {"name": "ada"}


@pytest.mark.wire("mielto", "create_message", "content null with tool_calls is empty text")
def test_a_message_that_only_calls_tools_has_no_content(create: Any):
    assert create({"role": "assistant", "content": None, "tool_calls": [CALL]}).status_code == 201
    assert (last().content, last().tool_calls) == ("", [CALL])


@pytest.mark.parametrize("calls", [{}, {"tool_calls": None}, {"tool_calls": []}])
def test_null_alone_is_refused(create: Any, calls: Any):
    assert create({"role": "assistant", "content": None} | calls).status_code == 422


@pytest.mark.parametrize("name", ["tool_call_id", "name"])
def test_two_values_of_one_field_are_refused(create: Any, name: str):
    response = create(RESULT | {"meta_data": {name: "another"}})
    assert response.status_code == 422
    assert f"`{name}` has another value in meta_data" in response.content.decode()
    assert create(RESULT | {"meta_data": {name: RESULT[name]}}).status_code == 201


@pytest.mark.parametrize("value", [1, ["x"], "x" * 256])
def test_a_value_that_is_no_short_text_is_refused(create: Any, value: Any):
    assert create(RESULT | {"tool_call_id": value}).status_code == 422


def test_parts_are_refused_with_a_hint(create: Any):
    response = create({"role": "user", "content": [{"type": "text", "text": "hi"}]})
    assert response.status_code == 422
    assert "join the texts of its parts" in response.content.decode()


def test_the_other_wire_sees_a_result_of_its_call(api: ApiClient, acme: Tenant):
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages"
    api.post(path, {"role": "assistant", "content": None, "tool_calls": [CALL]})
    api.post(path, RESULT)
    thread = api.get(f"/v1/threads/{acme.conversation.pk}/messages?include_parts=true&limit=2").json()
    [result], [call] = (message["parts"] for message in thread)
    assert (result["type"], result["tool_call_id"], result["tool_name"]) == ("tool-result", "call_1", "find")
    assert (call["type"], call["tool_call_id"]) == ("tool-call", "call_1")


def test_a_chat_of_openai_is_imported_as_it_is(api: ApiClient, acme: Tenant):
    chat: list[dict[str, Any]] = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Where is it?", "name": "ada"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        RESULT,
        {"role": "assistant", "content": "Shipped."},
    ]
    response = api.post(MESSAGES, {"content": chat}, **STRICT)
    assert [row["role"] for row in response.json()] == [message["role"] for message in chat]
