"""Items of a conversation: stored, listed by their cursor, read, deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from messaging.models import Message
from messaging.services import (
    MessageDraft,
    Writer,
    append_message,
    append_run_message,
    create_run,
    redact_messages,
)
from tests.cast import Tenant
from tests.client import ApiClient

from .conftest import CONVERSATIONS, Item
from .test_conversations import error

CALL = {"type": "function_call", "call_id": "c", "name": "find", "arguments": '{"n":1}'}
ANSWER = {"type": "function_call_output", "call_id": "c", "output": "42"}
Add = Callable[..., list[Item]]
Items = Callable[[], list[Item]]


def mielto(tenant: Tenant, **fields: Any) -> Message:
    """A message of another wire."""
    return append_message(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        draft=MessageDraft(**fields),
        writer=Writer(),
    )


def said(*parts: Any) -> Item:
    return {"role": "user", "content": [*parts]}


def calls(*ids: str) -> list[Any]:
    return [{"id": each, "type": "function", "function": {"name": "f", "arguments": "{}"}} for each in ids]


class TestCreate:
    @pytest.mark.wire("openai", "create_items", "answers what was stored, in the order of the request")
    def test_the_order_of_the_request(self, api: ApiClient, conversation: str, items: Items):
        sent = [{"role": "user", "content": f"{n}"} for n in range(20)]
        page = api.post(f"{conversation}/items", {"items": sent}).json()
        assert [item["content"][0]["text"] for item in page["data"]] == [f"{n}" for n in range(20)]
        assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])
        assert page["has_more"] is False
        assert items() == page["data"]

    @pytest.mark.wire("openai", "create_items", "more than 20 items, and what is no item, are 400 by name")
    @pytest.mark.parametrize(
        ("sent", "param", "code"),
        [
            ([{"role": "user", "content": "x"}] * 21, "items", "array_above_max_length"),
            ([{"role": "user"}], "items[0].content", "missing_required_parameter"),
            ([{"content": "x"}], "items[0].role", "missing_required_parameter"),
            (
                [CALL, {"type": "function_call", "name": "f"}],
                "items[1].call_id",
                "missing_required_parameter",
            ),
            ([{**CALL, "arguments": {}}], "items[0].arguments", "invalid_type"),
            ([{"type": 7}], "items[0].type", "invalid_type"),
            ([{"role": "operator", "content": "x"}], "items[0].role", "invalid_value"),
            ([{"role": "user", "content": ["x"]}], "items[0].content[0]", "invalid_type"),
            ([said({"text": "x"})], "items[0].content[0].type", "missing_required_parameter"),
            (
                [said({"type": "foreseen_by_nobody"}, {"type": "input_text"})],
                "items[0].content[1].text",
                "missing_required_parameter",
            ),
            ([said({"type": "refusal", "refusal": None})], "items[0].content[0].refusal", "invalid_type"),
            (
                [{"type": "function_call_output", "call_id": "c"}],
                "items[0].output",
                "missing_required_parameter",
            ),
            (
                [{"type": "reasoning", "summary": [{"type": "summary_text"}]}],
                "items[0].summary[0].text",
                "missing_required_parameter",
            ),
            ([{**CALL, "id": "a b"}], "items[0].id", "invalid_value"),
            ([{**CALL, "id": "x" * 65}], "items[0].id", "invalid_value"),
            ([{"type": "compaction_trigger"}], "items[0].type", "invalid_value"),
            (["x"], "items[0]", "invalid_type"),
            ("x", "items", "invalid_type"),
            (None, "items", "invalid_type"),
        ],
    )
    def test_what_it_refuses(self, api: ApiClient, conversation: str, sent: object, param: str, code: str):
        refused = api.post(f"{conversation}/items", {"items": sent})
        assert error(refused) == (400, "invalid_request_error", param, code)
        assert refused["x-should-retry"] == "false"
        assert Message.objects.filter(conversation=conversation.rpartition("/")[2]).count() == 0

    @pytest.mark.wire("openai", "create_items", "the same id and content again is the item that is there")
    def test_an_item_of_the_same_id(self, api: ApiClient, conversation: str, add: Add, items: Items):
        first, again = add({**CALL, "id": "fc_1"}), add({**CALL, "id": "fc_1"})
        assert first == again == items()
        other = api.post(f"{conversation}/items", {"items": [{**CALL, "id": "fc_1", "name": "g"}]})
        assert error(other) == (400, "invalid_request_error", "items", "duplicate_item")
        assert items() == first

    def test_what_was_listed_may_be_sent_back(self, add: Add, items: Items):
        before = add(
            {"role": "user", "content": "x"}, CALL, ANSWER, {"type": "foreseen_by_nobody", "x": None}
        )
        assert add(*before) == before == items()

    @pytest.mark.wire("openai", "create_items", "a reference is the item that it names, of any conversation")
    def test_a_reference(self, api: ApiClient, conversation: str, add: Add, items: Items, acme: Tenant):
        [call] = add(CALL)
        assert add({"type": "item_reference", "id": call["id"]}) == [call] == items()
        named = api.get(f"{CONVERSATIONS}/{acme.conversation.pk}/items?order=asc").json()["data"][0]
        assert add({"type": "item_reference", "id": named["id"]}) == [named]
        assert items() == [call, named]
        refused = api.post(f"{conversation}/items", {"items": [{"type": "item_reference", "id": "x"}]})
        assert error(refused)[::3] == (404, "item_not_found")

    @pytest.mark.wire("openai", "create_items", "a reference is read, which takes the permission read, too")
    def test_a_key_that_may_only_write_reads_nothing_through_a_reference(
        self, client_with: Any, conversation: str, add: Add, acme: Tenant
    ):
        [call] = add(CALL)
        writer = client_with("write")
        assert writer.post(f"{conversation}/items", {"items": [CALL]}).status_code == 200
        reference = {"items": [{"type": "item_reference", "id": call["id"]}]}
        for path in (f"{conversation}/items", CONVERSATIONS):
            assert error(writer.post(path, reference))[::3] == (403, "permission_missing")

    def test_references_name_no_more_than_a_body_may_hold(
        self, api: ApiClient, conversation: str, add: Add, settings: Any
    ):
        [long] = add({"role": "user", "content": "x" * 3_000})
        settings.PARLEY = {"MAX_BODY_BYTES": 7_000}
        reference = {"type": "item_reference", "id": long["id"]}
        assert add(reference, reference) == [long, long]
        for path in (f"{conversation}/items", CONVERSATIONS):
            refused = api.post(path, {"items": [reference] * 3})
            assert error(refused)[::2] == (400, "items[2]")

    def test_a_reference_to_another_workspace_is_one_to_nothing(
        self, api: ApiClient, conversation: str, globex: Tenant
    ):
        foreign = {"type": "item_reference", "id": globex.question.pk}
        assert error(api.post(f"{conversation}/items", {"items": [foreign]}))[0] == 404

    @pytest.mark.wire("openai", "create_items", "include in all three spellings; unknown values are 400")
    @pytest.mark.parametrize(
        "query",
        [
            "include[]=reasoning.encrypted_content&include[]=file_search_call.results",
            "include=reasoning.encrypted_content",
            "include=reasoning.encrypted_content,file_search_call.results",
            "",
        ],
    )
    def test_include(self, api: ApiClient, conversation: str, query: str):
        assert api.post(f"{conversation}/items?{query}", {"items": [CALL]}).status_code == 200
        assert api.get(f"{conversation}/items?{query}").status_code == 200
        for name in ("include[]", "include"):
            refused = api.get(f"{conversation}/items?{name}=thoughts")
            assert error(refused) == (400, "invalid_request_error", name, "invalid_value")

    def test_a_run_that_holds_the_conversation(self, api: ApiClient, acme: Tenant):
        ids = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
        create_run(**ids, agent_id="a")
        refused = api.post(f"{CONVERSATIONS}/{acme.conversation.pk}/items", {"items": [CALL]})
        assert error(refused)[::3] == (400, "conversation_locked")
        assert refused["x-should-retry"] == "false"


class TestList:
    @pytest.mark.wire("openai", "list_items", "newest first, 20, both spellings of the path")
    def test_defaults(self, api: ApiClient, conversation: str, add: Add, items: Items):
        for _ in range(2):
            add(*[{"role": "user", "content": f"{n}"} for n in range(15)])
        page = api.get(f"{conversation}/items").json()
        assert page["data"] == items()[::-1][:20]
        assert page["has_more"] is True
        assert api.get(f"{conversation}/items/").json() == page

    @pytest.mark.wire("openai", "list_items", "has_more is exact at the end of a full page")
    def test_has_more(self, api: ApiClient, conversation: str, add: Add):
        added = add(*[{"role": "user", "content": f"{n}"} for n in range(6)])
        for limit, has_more in ((5, True), (6, False), (7, False)):
            assert api.get(f"{conversation}/items?limit={limit}").json()["has_more"] is has_more
        last = api.get(f"{conversation}/items?order=asc&limit=2&after={added[3]['id']}").json()
        assert (last["data"], last["has_more"]) == (added[4:], False)

    @pytest.mark.wire("openai", "list_items", "a page may end within a message of another wire")
    @pytest.mark.parametrize("order", ["asc", "desc"])
    @pytest.mark.parametrize("limit", [1, 2, 3, 5])
    def test_a_page_ends_within_a_message(self, api: ApiClient, acme: Tenant, order: str, limit: int):
        mielto(acme, role="assistant", content="Let me look.", tool_calls=calls("c0", "c1", "c2"))
        mielto(acme, role="tool", content="42", meta_data={"tool_call_id": "c0"})
        path = f"{CONVERSATIONS}/{acme.conversation.pk}/items?order={order}"
        whole = api.get(f"{path}&limit=100").json()["data"]
        assert len(whole) == 2 + 4 + 1
        read: list[Item] = []
        after, has_more = "", True
        while has_more:
            page = api.get(f"{path}&limit={limit}{after}").json()
            assert len(page["data"]) <= limit
            read += page["data"]
            after, has_more = f"&after={page['last_id']}", page["has_more"]
        assert read == whole
        ids = [item["id"] for item in whole]
        assert len(set(ids)) == len(ids)

    def test_an_empty_conversation(self, api: ApiClient, conversation: str):
        ends = {"first_id": None, "last_id": None, "has_more": False}
        assert api.get(f"{conversation}/items").json() == {"object": "list", "data": [], **ends}

    @pytest.mark.parametrize("after", ["nothing", "msg_01h455vb4pex5vsknk084sn02q"])
    def test_an_unknown_cursor(self, api: ApiClient, conversation: str, after: str):
        assert error(api.get(f"{conversation}/items?after={after}"))[::3] == (404, "item_not_found")

    @pytest.mark.wire("openai", "list_items", "parts of a run are items: reasoning, text, calls, results")
    def test_a_message_in_parts(self, api: ApiClient, acme: Tenant):
        ids = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
        run = create_run(**ids, agent_id="a")
        parts: list[dict[str, Any]] = [
            {"type": "reasoning", "text": "hm", "metadata": None},
            {"type": "text", "text": "Let me look.", "metadata": None},
            {"type": "tool-call", "tool_name": "f", "tool_call_id": "c", "args": {"big": "x" * 60_000}},
        ]
        append_run_message(
            **ids, run_id=run.pk, draft=MessageDraft(role="assistant", parts=parts), writer=Writer()
        )
        page = api.get(f"{CONVERSATIONS}/{acme.conversation.pk}/items?limit=3").json()["data"]
        call, text, thought = page
        assert thought["summary"] == [{"type": "summary_text", "text": "hm"}]
        assert text["content"][0]["text"] == "Let me look."
        assert call["arguments"] == '{"big":"' + "x" * 60_000 + '"}'


class TestRetrieve:
    @pytest.mark.wire("openai", "retrieve_an_item", "the bare item, by its own id or a derived one")
    def test_by_id(self, api: ApiClient, conversation: str, add: Add):
        for item in add({**CALL, "id": "fc_own"}, ANSWER, {"role": "user", "content": "x"}):
            assert api.get(f"{conversation}/items/{item['id']}").json() == item

    def test_an_item_within_a_message(self, api: ApiClient, acme: Tenant):
        row = mielto(acme, role="assistant", content="a", tool_calls=calls("c0", "c1"))
        suffix = row.pk.partition("_")[2]
        path = f"{CONVERSATIONS}/{acme.conversation.pk}/items"
        assert api.get(f"{path}/fc_{suffix}_2").json()["call_id"] == "c1"
        for absent in (f"fc_{suffix}_3", f"fc_{suffix}", f"rs_{suffix}_1", f"fc_{suffix}_02"):
            assert error(api.get(f"{path}/{absent}"))[0] == 404

    def test_only_in_its_conversation(self, api: ApiClient, conversation: str, acme: Tenant):
        assert error(api.get(f"{conversation}/items/{acme.question.pk}"))[0] == 404


class TestDelete:
    @pytest.mark.wire("openai", "delete_an_item", "answers the conversation after the deletion")
    def test_an_item(self, api: ApiClient, conversation: str, add: Add, items: Items):
        first, second = add({"role": "user", "content": "x"}, {**CALL, "id": "fc_own"})
        assert api.delete(f"{conversation}/items/{second['id']}").json() == api.get(conversation).json()
        assert items() == [first]
        assert error(api.delete(f"{conversation}/items/{second['id']}"))[::3] == (404, "item_not_found")

    @pytest.mark.wire("openai", "delete_an_item", "one item of several leaves the others of its message")
    def test_an_item_within_a_message(self, api: ApiClient, acme: Tenant):
        row = mielto(acme, role="assistant", content="Let me look.", tool_calls=calls("c0", "c1", "c2"))
        path, suffix = f"{CONVERSATIONS}/{acme.conversation.pk}/items", row.pk.partition("_")[2]
        assert api.delete(f"{path}/fc_{suffix}_2").status_code == 200
        message = api.get(f"/api/v1/messages/{row.pk}").json()
        assert [call["id"] for call in message["tool_calls"]] == ["c0", "c2"]
        assert message["content"] == "Let me look."
        assert api.delete(f"{path}/msg_{suffix}").status_code == 200
        message = api.get(f"/api/v1/messages/{row.pk}").json()
        assert (message["content"], len(message["tool_calls"])) == ("", 2)
        for _ in range(2):
            assert api.delete(f"{path}/fc_{suffix}").status_code == 200
        assert api.get(f"/api/v1/messages/{row.pk}").status_code == 404

    def test_an_item_of_parts(self, api: ApiClient, acme: Tenant):
        ids = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
        run = create_run(**ids, agent_id="a")
        parts: list[dict[str, Any]] = [
            {"type": "text", "text": "Let me look.", "metadata": None},
            *[
                {"type": "tool-call", "tool_name": "f", "tool_call_id": f"c{n}", "args": {"n": "x" * 60_000}}
                for n in range(2)
            ],
        ]
        draft = MessageDraft(role="assistant", parts=parts)
        row = append_run_message(**ids, run_id=run.pk, draft=draft, writer=Writer())
        path, suffix = f"{CONVERSATIONS}/{acme.conversation.pk}/items", row.pk.partition("_")[2]
        assert error(api.delete(f"{path}/fc_{suffix}_1"))[3] == "conversation_locked"
        api.patch(f"/v1/threads/{acme.conversation.pk}/runs/{run.pk}", {"status": "completed"})
        assert api.delete(f"{path}/fc_{suffix}_1").status_code == 200
        left = api.get(f"{path}?order=asc&limit=9").json()["data"][2:]
        assert [item["type"] for item in left] == ["message", "function_call"]
        assert left[1]["call_id"] == "c1"
        message = api.get(f"/api/v1/messages/{row.pk}").json()
        assert [call["id"] for call in message["tool_calls"]] == ["c1"]
        thread = api.get(f"/v1/threads/{acme.conversation.pk}/messages?include_parts=true&limit=1").json()
        assert [part["type"] for part in thread[0]["parts"]] == ["text", "tool-call"]


class TestRedacted:
    @pytest.mark.wire("openai", "list_items", "a redacted call keeps its ids, and says nothing")
    @pytest.mark.parametrize("item_id", [None, "fc_own"])
    def test_a_call(
        self, api: ApiClient, acme: Tenant, conversation: str, add: Add, items: Items, item_id: str | None
    ):
        [call] = add(CALL | ({"id": item_id} if item_id else {}))
        row = Message.objects.get(conversation=conversation.rpartition("/")[2])
        redact_messages(workspace_id=acme.workspace.pk, message_ids=[row.pk])
        assert items() == [{**call, "arguments": "{}"}]
        assert api.get(f"{conversation}/items/{call['id']}").json() == items()[0]


class TestRetries:
    @pytest.mark.wire("openai", "create_items", "an Idempotency-Key stores a retry once")
    def test_a_retry(self, api: ApiClient, conversation: str, items: Items):
        body = {"items": [CALL, ANSWER]}
        first, again = (api.post(f"{conversation}/items", body, idempotency_key="k") for _ in range(2))
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
        assert len(items()) == 2

    @pytest.mark.wire("openai", "delete_an_item", "a repeat of the request that made it is 404")
    @pytest.mark.parametrize("item_id", [None, "fc_own"])
    def test_what_was_deleted(self, api: ApiClient, conversation: str, item_id: str | None):
        body = {"items": [CALL | ({"id": item_id} if item_id else {})]}
        [item] = api.post(f"{conversation}/items", body, idempotency_key="k").json()["data"]
        api.delete(f"{conversation}/items/{item['id']}")
        assert error(api.post(f"{conversation}/items", body, idempotency_key="k"))[0] == 404

    @pytest.mark.parametrize("item_id", [None, "fc_own"])
    def test_what_was_redacted(self, api: ApiClient, acme: Tenant, conversation: str, item_id: str | None):
        body = {"items": [CALL | ({"id": item_id} if item_id else {})]}
        api.post(f"{conversation}/items", body, idempotency_key="k")
        row = Message.objects.get(conversation=conversation.rpartition("/")[2])
        redact_messages(workspace_id=acme.workspace.pk, message_ids=[row.pk])
        again = api.post(f"{conversation}/items", body, idempotency_key="k")
        assert error(again)[0] == 404
