"""What of a request has no effect is named in the answer, and refused where the caller wants that."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from pytest_django import Settings

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

MESSAGES = "/api/v1/messages"
CONVERSATIONS = "/api/v1/conversations"
STRICT = {"prefer": "handling=strict"}
HELLO = {"content": "hi"}


def ignored(response: Any) -> list[str]:
    """The names in the header, as they were sent; those that it only counts left out."""
    named, _, _ = response.headers.get("Parley-Ignored", "").partition(";")
    return [unquote(name) for name in named.split(", ") if name]


class TestNames:
    @pytest.mark.wire(
        "mielto", "create_message", "unknown body keys are named in Parley-Ignored, nested ones too"
    )
    def test_keys_of_the_body_at_every_depth(self, api: ApiClient):
        body = {"conversationId": "x", "content": [HELLO, HELLO | {"titel": 1, "sendr_id": "ada"}]}
        response = api.post(MESSAGES, body)
        assert response.status_code == 201
        assert ignored(response) == ["body.conversationId", "body.content.1.titel", "body.content.1.sendr_id"]

    def test_keys_of_first_messages(self, api: ApiClient):
        response = api.post(CONVERSATIONS, {"id": "conv_mine", "messages": [HELLO | {"role_": "user"}]})
        assert ignored(response) == ["body.id", "body.messages.0.role_"]

    @pytest.mark.wire("mielto", "list_messages", "unknown query parameters are named in Parley-Ignored")
    def test_query_parameters(self, api: ApiClient, acme: Tenant):
        response = api.get(f"{MESSAGES}?userid=ada&converstion_id=x&tags[]=a&limit=1&metadata.k=1")
        assert ignored(response) == [
            "query.userid",
            "query.converstion_id",
            "query.tags[]",
            "query.metadata.k",
        ]

    @pytest.mark.parametrize(
        "path", [f"{MESSAGES}/{{message}}", "/api/v1/auth/session", "/v1/threads/{thread}"]
    )
    def test_parameters_of_an_operation_that_takes_none(self, api: ApiClient, acme: Tenant, path: str):
        filled = path.format(message=acme.reply.pk, thread=acme.conversation.pk)
        assert ignored(api.get(f"{filled}?expand=all")) == ["query.expand"]

    def test_a_value_that_a_later_one_replaced(self, api: ApiClient):
        assert ignored(api.get(f"{MESSAGES}?role=user&role=tool&limit=3&limit=3")) == ["query.role"]

    @pytest.mark.wire(
        "seekrflow", "create_message", "unknown body keys are named in Parley-Ignored, nested ones too"
    )
    def test_keys_of_items(self, api: ApiClient, acme: Tenant):
        items = [
            {"type": "input_text", "text": "a", "txt": "b"},
            {"type": "input_file", "file_id": "f", "detail": "high"},
        ]
        path = f"/v1/threads/{acme.conversation.pk}/messages?includeparts=1"
        response = api.post(path, {"role": "user", "content": items, "metadata": {"a": 1}})
        assert response.status_code == 200
        assert ignored(response) == [
            "body.metadata", "body.content.0.txt", "body.content.1.detail", "query.includeparts",
        ]  # fmt: skip

    def test_keys_of_nested_objects(self, api: ApiClient, acme: Tenant):
        body = {"model_settings": {"temprature": 0}, "response_format": {"json_schema": {"any": 1}}}
        response = api.post(f"/v1/threads/{acme.conversation.pk}/runs", body)
        assert ignored(response) == ["body.model_settings.temprature"]

    @pytest.mark.parametrize("status", [404, 422])
    def test_answers_that_refuse_name_them_too(self, api: ApiClient, status: int):
        body = {"titel": 1, "content": HELLO if status == 404 else 1, "conversation_id": "conv_none"}
        response = api.post(MESSAGES, body)
        assert (response.status_code, ignored(response)) == (status, ["body.titel"])

    def test_a_replayed_answer_names_them_too(self, api: ApiClient):
        for _ in range(2):
            response = api.post(MESSAGES, {"content": HELLO, "titel": 1}, idempotency_key="k")
            assert ignored(response) == ["body.titel"]


class TestHeaders:
    """A header that nobody knows would be no workspace, and no guard of a retry."""

    @pytest.mark.wire("mielto", "create_message", "headers that are nearly ours are named in Parley-Ignored")
    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("X-Idempotency-Key", "Idempotency-Key"),
            ("Idempotencykey", "Idempotency-Key"),
            ("X-Workspace", "X-Workspace-Id"),
            ("X-Workspaceid", "X-Workspace-Id"),
            ("User-Id", "X-User-Id"),
            ("Prefers", "Prefer"),
        ],
    )
    def test_a_misspelt_one(self, api: ApiClient, name: str, meant: str):
        body = json.dumps({"content": HELLO})
        response = api.post(MESSAGES, body, **{name: "secret"})
        assert (response.status_code, ignored(response)) == (201, [f"header.{name}"])
        [problem] = api.post(MESSAGES, body, **{name: "secret"}, **STRICT).json()["detail"]
        assert (problem["loc"], problem["input"]) == (["header", name], None)
        assert problem["hint"] == f"`{name}` is not known here; did you mean `{meant}`?"

    @pytest.mark.parametrize(
        "name", ["User-Agent", "X-Request-Id", "X-Team-Id", "X-Real-Ip", "Accept", "Referer", "X-User-Agent",
                 "X-Api-Version", "X-Stainless-Os", "X-User-Ip", "Openai-Beta", "Authority"],
    )  # fmt: skip
    def test_those_of_others(self, api: ApiClient, name: str):
        assert not ignored(api.post(MESSAGES, {"content": HELLO}, **{name: "x"}))

    @pytest.mark.parametrize(
        ("preference", "meant"),
        [
            ("handling=strct", "handling=strict"),
            ("Handlng=strict", "handling=strict"),
            ('handling="Lenientt"; x=1', "handling=lenient"),
        ],
    )
    @pytest.mark.parametrize("path", [CONVERSATIONS, "/v1/threads", "/openai/v1/threads"])
    def test_a_misspelt_preference(
        self, api: ApiClient, settings: Settings, path: str, preference: str, meant: str
    ):
        prefer = {"prefer": f"return=minimal, {preference}"}
        named = preference.partition(";")[0].replace('"', "").lower()
        response = api.post(path, {}, **prefer)
        assert response.status_code < 300
        assert ignored(response) == [f"header.Prefer.{named}"]
        settings.PARLEY = {**getattr(settings, "PARLEY", {}), "STRICT": True}
        refused = api.post(path, {}, **prefer)
        assert refused.status_code in (400, 422)
        assert f"did you mean `{meant}`?" in refused.content.decode()

    def test_a_preference_without_its_name(self, api: ApiClient):
        assert ignored(api.post(CONVERSATIONS, {}, prefer="strict")) == ["header.Prefer.strict"]

    @pytest.mark.parametrize("preference", ["return=minimal", "respond-async, wait=1", "handling=strict"])
    def test_a_preference_of_others(self, api: ApiClient, preference: str):
        assert not ignored(api.post(CONVERSATIONS, {}, prefer=preference))


class TestWhatDoesNotCount:
    def test_a_request_of_known_names(self, api: ApiClient, acme: Tenant):
        assert "Parley-Ignored" not in api.post(MESSAGES, {"content": HELLO}).headers
        assert "Parley-Ignored" not in api.get(f"{MESSAGES}?meta_data.k=1&meta_data[l]=2&limit=1").headers

    def test_data_of_the_caller(self, api: ApiClient):
        free = {"whatever": {"titel": [{"x": 1}]}}
        message = HELLO | {"meta_data": free, "tool_calls": [free], "attachments": [free]}
        assert not ignored(
            api.post(CONVERSATIONS, {"meta_data": free, "settings": free, "messages": [message]})
        )

    @pytest.mark.parametrize("kind", ["messages", "conversations"])
    def test_an_object_that_is_sent_back_whole(self, api: ApiClient, acme: Tenant, kind: str):
        row = acme.reply if kind == "messages" else acme.conversation
        path = f"/api/v1/{kind}/{row.pk}"
        shown = api.get(path).json()
        changed = shown | {"meta_data": {"checked": True}}
        response = api.put(path, changed, **STRICT)
        assert response.status_code == 200, response.content
        assert not ignored(response)
        assert set(ignored(api.put(path, shown | {"id": "another"}))) == {"body.id", "body.updated_at"}

    @pytest.mark.parametrize(
        ("path", "shown_by"),
        [
            ("/api/v1/conversations/{thread}", "include=last_message"),
            ("/v1/threads/{thread}/messages/{message}", "include_parts=true"),
        ],
    )
    def test_what_is_shown_only_if_asked_for(self, api: ApiClient, acme: Tenant, path: str, shown_by: str):
        path = path.format(thread=acme.conversation.pk, message=acme.reply.pk)
        shown = api.get(f"{path}?{shown_by}").json()
        name = "last_message" if "last_message" in shown else "parts"
        send = api.put if name == "last_message" else api.patch
        assert shown[name]
        assert not ignored(send(path, shown))
        assert ignored(send(path, {**shown, name: [shown[name]]})) == [f"body.{name}"]

    def test_a_conversation_of_ones_own_id_that_is_sent_back_whole(self, api: ApiClient, acme: Tenant):
        path = f"{CONVERSATIONS}?external_id=a/b"
        assert ignored(api.put(path, {"id": "conv_mine", "title": "new"})) == ["body.id"]
        shown = api.get(path).json()["data"][0]
        changed = api.put(path, shown | {"title": "newer"})
        assert (changed.status_code, changed.json()["title"]) == (200, "newer")
        assert not ignored(changed)
        assert ignored(api.put(path, shown | {"id": "another"})) == ["body.id", "body.updated_at"]
        for refused in ("%00", "", "x" * 300):
            response = api.put(f"{CONVERSATIONS}?external_id={refused}", {"id": "another"})
            assert response.status_code == 422

    def test_what_the_vendors_client_sends_by_itself(self, api: ApiClient, acme: Tenant):
        thread = acme.conversation.pk
        body = {
            "id": "11111111-1111-4111-8111-111111111111", "object": "thread.message", "thread_id": thread,
            "role": "user", "content": "hi", "agent_id": None, "run_id": None, "meta_data": {},
        }  # fmt: skip
        response = api.post(f"/v1/threads/{thread}/messages", body, **STRICT)
        assert response.status_code == 200, response.content
        assert not ignored(response)

    def test_another_thread_in_the_body_does(self, api: ApiClient, acme: Tenant):
        body = {"role": "user", "content": "hi", "thread_id": "another", "agent_id": "bot"}
        response = api.post(f"/v1/threads/{acme.conversation.pk}/messages", body)
        assert ignored(response) == ["body.thread_id", "body.agent_id"]

    def test_no_field_of_an_absent_object_is_as_stored(self, api: ApiClient, acme: Tenant):
        response = api.put(f"{MESSAGES}/msg_none", {"id": "msg_none", "content": "x"})
        assert (response.status_code, ignored(response)) == (404, ["body.id"])


class TestHeader:
    def test_names_are_percent_encoded(self, api: ApiClient):
        response = api.post(CONVERSATIONS, {"a, b;c": 1, "näme\r\nX-Evil: 1": 2, "x.y": 3, "%": 4})
        assert response["Parley-Ignored"] == (
            "body.a%2C%20b%3Bc, body.n%C3%A4me%0D%0AX-Evil:%201, body.x%2Ey, body.%25"
        )
        assert "X-Evil" not in response.headers

    def test_at_most_twenty_and_how_many_more(self, api: ApiClient):
        response = api.post(CONVERSATIONS, {f"k{number}": 1 for number in range(523)})
        assert len(ignored(response)) == 20
        assert response["Parley-Ignored"].endswith(", body.k19;more=503")

    def test_it_stays_short(self, api: ApiClient):
        response = api.post(CONVERSATIONS, {"€" * 10_000 + str(number): 1 for number in range(50)})
        assert len(response["Parley-Ignored"]) < 20 * 600


class TestStrict:
    @pytest.mark.wire(
        "mielto", "create_message", "Prefer: handling=strict refuses what would be ignored, by name"
    )
    def test_everything_is_named_and_nothing_stored(self, api: ApiClient, acme: Tenant):
        before = Conversation.objects.count(), Message.objects.count()
        body = {"conversationId": acme.conversation.pk, "content": [HELLO | {"sendr_id": "ada"}]}
        response = api.post(MESSAGES, body, **STRICT)
        assert response.status_code == 422
        assert response["Preference-Applied"] == "handling=strict"
        assert response.json()["detail"] == [
            {
                "type": "extra_forbidden",
                "loc": ["body", "conversationId"],
                "msg": "Extra inputs are not permitted",
                "input": acme.conversation.pk,
                "hint": "`conversationId` is not known here; did you mean `conversation_id`?",
            },
            {
                "type": "extra_forbidden",
                "loc": ["body", "content", 0, "sendr_id"],
                "msg": "Extra inputs are not permitted",
                "input": "ada",
                "hint": "`sendr_id` is not known here; did you mean `sender_id`?",
            },
        ]
        assert (Conversation.objects.count(), Message.objects.count()) == before

    @pytest.mark.parametrize(
        ("parameter", "meant"),
        [
            ("converstion_id", "conversation_id"),
            ("tags[]", "tags"),
            ("metadata.k", "meta_data.k"),
            ("metadata[k]", "meta_data.k"),
            ("meta_data", "meta_data.<key>"),
            ("offset", "skip"),
            ("q", "search"),
            ("Limit", "limit"),
        ],
    )
    def test_the_nearest_name(self, api: ApiClient, acme: Tenant, parameter: str, meant: str):
        [problem] = api.get(f"{MESSAGES}?{parameter}=1", **STRICT).json()["detail"]
        assert problem["loc"] == ["query", parameter]
        assert problem["hint"].endswith(f"did you mean `{meant}`?")

    def test_a_name_that_nothing_is_like(self, api: ApiClient):
        [problem] = api.get("/v1/threads?zzz=1", **STRICT).json()["detail"]
        assert "; known are `created_after`, `created_before`, " in problem["hint"]

    def test_what_only_the_server_sets(self, api: ApiClient):
        [problem] = api.post(CONVERSATIONS, {"id": "mine"}, **STRICT).json()["detail"]
        assert problem["hint"] == "`id` is set by the server; leave it out"

    def test_what_belongs_further_out(self, api: ApiClient, acme: Tenant):
        message = HELLO | {"conversation_id": acme.conversation.pk}
        [problem] = api.post(MESSAGES, {"content": [message]}, **STRICT).json()["detail"]
        assert problem["loc"] == ["body", "content", 0, "conversation_id"]
        assert problem["hint"] == "`conversation_id` is not known here, but further out in the body"

    def test_together_with_what_is_wrong_anyway(self, api: ApiClient):
        problems = api.get(f"{MESSAGES}?limit=0&userid=ada", **STRICT).json()["detail"]
        assert [problem["loc"] for problem in problems] == [["query", "limit"], ["query", "userid"]]

    def test_the_answer_to_a_huge_body_stays_small(self, api: ApiClient):
        response = api.post(CONVERSATIONS, {f"k{number}": 1 for number in range(5_000)}, **STRICT)
        assert len(response.json()["detail"]) == 100
        assert response.json()["detail"][-1]["more"] == 4_900
        assert response["Parley-Ignored"].endswith(";more=4980")

    @pytest.mark.parametrize(
        ("prefer", "status"),
        [
            ("handling=strict", 422), ('Handling = "strict"; x=1', 422), ("wait=1, handling=strict", 422),
            ("handling=lenient", 201), ("handling=other", 201), ("strict", 201), ("", 201),
            ("handling=lenient, handling=strict", 201),
        ],
    )  # fmt: skip
    def test_how_it_is_asked_for(self, api: ApiClient, prefer: str, status: int):
        assert api.post(CONVERSATIONS, {"titel": 1}, prefer=prefer).status_code == status

    def test_it_costs_nothing_else(self, api: ApiClient):
        response = api.post(CONVERSATIONS, {"title": "x"}, **STRICT)
        assert (response.status_code, response["Preference-Applied"]) == (201, "handling=strict")
        assert "Preference-Applied" not in api.post(CONVERSATIONS, {"title": "x"}).headers

    def test_as_a_setting(self, api: ApiClient, settings: Settings):
        settings.PARLEY = {**getattr(settings, "PARLEY", {}), "STRICT": True}
        assert api.post(CONVERSATIONS, {"titel": 1}).status_code == 422
        assert api.post(CONVERSATIONS, {"titel": 1}, prefer="handling=lenient").status_code == 201

    def test_the_refused_value_stays_out_where_it_is_not_echoed(self, api: ApiClient, settings: Settings):
        settings.PARLEY = {**getattr(settings, "PARLEY", {}), "ECHO_INVALID_INPUT": False}
        response = api.post(CONVERSATIONS, {"titel": "a secret"}, **STRICT)
        assert "a secret" not in json.dumps(response.json())
