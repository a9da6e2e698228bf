"""Conversations as OpenAI answers them, and the list as Azure does."""

import time
from typing import Any

import pytest

from messaging.models import Conversation
from tests.cast import Tenant
from tests.client import ApiClient

from .conftest import CONVERSATIONS


def error(response: Any) -> tuple[int, str, str | None, str | None]:
    told = response.json()["error"]
    return response.status_code, told["type"], told["param"], told["code"]


class TestCreate:
    @pytest.mark.wire("openai", "create_a_conversation", "the body may be left out, be empty or hold nulls")
    @pytest.mark.parametrize("body", [None, {}, {"items": []}, {"items": None, "metadata": None}])
    def test_a_body_may_be_left_out(self, api: ApiClient, body: object):
        made = api.post(CONVERSATIONS, body)
        assert made.status_code == 200
        assert made.json() | {"id": "", "created_at": 0} == {
            "id": "",
            "object": "conversation",
            "created_at": 0,
            "metadata": {},
        }

    @pytest.mark.wire("openai", "create_a_conversation", "created_at is in whole seconds; metadata as given")
    def test_what_is_answered(self, api: ApiClient):
        made = api.post(CONVERSATIONS, {"metadata": {"topic": "orders"}}).json()
        assert made["id"].startswith("conv_")
        assert (type(made["created_at"]), made["metadata"]) == (int, {"topic": "orders"})
        assert abs(made["created_at"] - time.time()) < 60

    @pytest.mark.wire("openai", "create_a_conversation", "with its first items, all or none")
    def test_with_items(self, api: ApiClient):
        items = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
        made = api.post(CONVERSATIONS, {"items": items}).json()
        listed = api.get(f"{CONVERSATIONS}/{made['id']}/items?order=asc").json()["data"]
        assert [item["content"][0]["text"] for item in listed] == ["a", "b"]
        before = Conversation.objects.count()
        assert api.post(CONVERSATIONS, {"items": [*items, {"type": 7}]}).status_code == 400
        assert Conversation.objects.count() == before

    @pytest.mark.wire("openai", "create_a_conversation", "an Idempotency-Key makes a retry the first answer")
    def test_a_retry(self, api: ApiClient):
        body = {"items": [{"role": "user", "content": "x"}]}
        first, again = (api.post(CONVERSATIONS, body, idempotency_key="k") for _ in range(2))
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
        other = api.post(CONVERSATIONS, {}, idempotency_key="k")
        assert (other.status_code, other["x-should-retry"]) == (400, "false")


class TestMetadata:
    @pytest.mark.wire("openai", "update_a_conversation", "metadata is replaced; null makes it empty")
    def test_it_is_replaced(self, api: ApiClient, conversation: str):
        assert api.post(conversation, {"metadata": {"a": "1", "b": "2"}}).json()["metadata"] == {
            "a": "1",
            "b": "2",
        }
        assert api.post(conversation, {"metadata": {"b": "3"}}).json()["metadata"] == {"b": "3"}
        assert api.post(conversation, {"metadata": None}).json()["metadata"] == {}
        assert api.get(conversation).json()["metadata"] == {}

    @pytest.mark.wire("openai", "update_a_conversation", "16 pairs of 64 and 512 characters; errors by name")
    @pytest.mark.parametrize(
        ("metadata", "param", "code"),
        [
            ({str(n): "x" for n in range(17)}, "metadata", "object_above_max_properties"),
            ({"k": "x" * 513}, "metadata.k", "string_above_max_length"),
            ({"k" * 65: "x"}, f"metadata.{'k' * 65}", "string_above_max_length"),
            ({"k": 7}, "metadata.k", "invalid_type"),
            ("text", "metadata", "invalid_type"),
        ],
    )
    def test_its_rules(self, api: ApiClient, conversation: str, metadata: object, param: str, code: str):
        refused = api.post(conversation, {"metadata": metadata})
        assert error(refused) == (400, "invalid_request_error", param, code)
        assert error(api.post(CONVERSATIONS, {"metadata": metadata}))[2:] == (param, code)

    def test_it_must_be_named(self, api: ApiClient, conversation: str):
        told = error(api.post(conversation, {}))
        assert told == (400, "invalid_request_error", "metadata", "missing_required_parameter")

    @pytest.mark.wire("openai", "retrieve_a_conversation", "other wires' meta_data as texts, what fits of it")
    def test_what_other_wires_keep_there(self, api: ApiClient, acme: Tenant):
        path, long = f"/api/v1/conversations/{acme.conversation.pk}", "x" * 600
        stored = {"text": "a", "number": 7, "list": [1, {"b": None}], "long": long, "k" * 65: "x"}
        api.patch(path, {"meta_data": stored})
        shown = api.get(f"{CONVERSATIONS}/{acme.conversation.pk}").json()["metadata"]
        assert shown == {"text": "a", "number": "7", "list": '[1,{"b":null}]'}

    @pytest.mark.wire(
        "openai", "update_a_conversation", "what it cannot show of other wires' meta_data stays"
    )
    def test_what_it_does_not_show_stays(self, api: ApiClient, acme: Tenant):
        path, long = f"/api/v1/conversations/{acme.conversation.pk}", "x" * 600
        api.patch(path, {"meta_data": {"number": 7, "gone": True, "long": long}})
        api.post(f"{CONVERSATIONS}/{acme.conversation.pk}", {"metadata": {"number": "7", "new": "y"}})
        assert api.get(path).json()["meta_data"] == {"number": 7, "new": "y", "long": long}


class TestDelete:
    @pytest.mark.wire("openai", "delete_a_conversation", "answers a deletion object; its items are gone")
    def test_it_is_gone(self, api: ApiClient, conversation: str, add):
        [item] = add({"role": "user", "content": "x"})
        conversation_id = conversation.rpartition("/")[2]
        assert api.delete(conversation).json() == {
            "id": conversation_id,
            "object": "conversation.deleted",
            "deleted": True,
        }
        for path in (conversation, f"{conversation}/items", f"{conversation}/items/{item['id']}"):
            assert error(api.get(path))[0] == 404
        assert error(api.delete(conversation))[3] == "conversation_not_found"


class TestList:
    @pytest.mark.wire("openai", "list_conversations_of_a_workspace", "newest first, by after and before")
    def test_pages(self, api: ApiClient, acme: Tenant):
        made = [api.post(CONVERSATIONS).json()["id"] for _ in range(4)]
        newest = [*made[::-1], acme.conversation.pk]
        page = api.get(f"{CONVERSATIONS}?limit=2").json()
        assert ([each["id"] for each in page["data"]], page["has_more"]) == (newest[:2], True)
        assert (page["first_id"], page["last_id"]) == (newest[0], newest[1])
        rest = api.get(f"{CONVERSATIONS}?limit=9&after={page['last_id']}").json()
        assert ([each["id"] for each in rest["data"]], rest["has_more"]) == (newest[2:], False)
        back = api.get(f"{CONVERSATIONS}?limit=1&before={newest[2]}").json()
        assert ([each["id"] for each in back["data"]], back["has_more"]) == ([newest[1]], True)
        oldest = api.get(f"{CONVERSATIONS}?order=asc&limit=1").json()
        assert oldest["data"][0]["id"] == acme.conversation.pk

    @pytest.mark.wire("openai", "list_conversations_of_a_workspace", "an empty page has null for its ends")
    def test_an_empty_page(self, api: ApiClient, acme: Tenant):
        page = api.get(f"{CONVERSATIONS}?after={acme.conversation.pk}").json()
        ends = {"first_id": None, "last_id": None, "has_more": False}
        assert page == {"object": "list", "data": [], **ends}

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "order=up"])
    def test_what_it_refuses(self, api: ApiClient, query: str):
        status, _, param, _ = error(api.get(f"{CONVERSATIONS}?{query}"))
        assert (status, param) == (400, query.partition("=")[0])
