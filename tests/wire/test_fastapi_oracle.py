"""Our 422 bodies are those of a FastAPI application with the same models: the same keys, order and values.

Where we refuse what FastAPI takes or trips over (NUL, NaN, depth, invalid UTF-8), `test_json.py` holds us.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from django.test import RequestFactory
from fastapi import FastAPI, Query

from messaging.api.conversations.inputs import ConversationCreate, ConversationUpdate
from messaging.api.conversations.query import ConversationsQuery
from messaging.api.keys.inputs import ApiKeyCreate, ApiKeyUpdate
from messaging.api.messages.inputs import CreateMessages, MessageCreateRequest, MessageUpdate
from messaging.api.messages.query import MessagesQuery
from messaging.api.view import MieltoViewSet
from messaging.api.workspaces.inputs import WorkspaceCreate
from messaging.api.workspaces.query import WorkspacesQuery
from messaging.models import Message
from messaging.values.choices import Permission
from messaging.wire.operations import operation
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

JSON = "application/json"
MESSAGES = "/api/v1/messages"
MESSAGE = "/api/v1/messages/msg_1"
CONVERSATIONS = "/api/v1/conversations"
CONVERSATION = "/api/v1/conversations/conv_1"
WORKSPACES = "/api/v1/workspaces"
KEYS = "/api/v1/api-keys"


def oracle_app() -> FastAPI:
    app = FastAPI()

    @app.post(MESSAGES)
    async def create_messages(body: CreateMessages) -> Any: ...

    @app.get(MESSAGES)
    async def list_messages(query: Annotated[MessagesQuery, Query()]) -> None: ...

    @app.put("/api/v1/messages/{message_id}")
    async def update_message(message_id: str, body: MessageUpdate) -> None: ...

    @app.post(CONVERSATIONS)
    async def create_conversation(body: ConversationCreate) -> None: ...

    @app.get(CONVERSATIONS)
    async def list_conversations(query: Annotated[ConversationsQuery, Query()]) -> None: ...

    @app.put("/api/v1/conversations/{conversation_id}")
    async def update_conversation(conversation_id: str, body: ConversationUpdate) -> None: ...

    @app.post("/api/v1/conversations/{conversation_id}/messages")
    async def create_conversation_message(conversation_id: str, body: MessageCreateRequest) -> None: ...

    @app.post(WORKSPACES)
    async def create_workspace(body: WorkspaceCreate) -> None: ...

    @app.get(WORKSPACES)
    async def list_workspaces(query: Annotated[WorkspacesQuery, Query()]) -> None: ...

    @app.delete("/api/v1/workspaces/{workspace_id}")
    async def delete_workspace(workspace_id: str, force: bool = False) -> None: ...

    @app.post(KEYS)
    async def create_api_key(body: ApiKeyCreate) -> None: ...

    @app.put("/api/v1/api-keys/{api_key_id}")
    async def update_api_key(api_key_id: str, body: ApiKeyUpdate) -> None: ...

    @app.post("/both")
    async def both(query: Annotated[MessagesQuery, Query()], body: CreateMessages) -> Any: ...

    # As the vendor's own signature is likely to be: each parameter by itself.
    @app.get("/singly")
    async def singly(
        skip: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        conversation_id: str | None = None,
    ) -> None: ...

    return app


@dataclass
class Oracle:
    """Asks the FastAPI application, byte for byte as given."""

    app: FastAPI = field(default_factory=oracle_app)

    def ask(
        self, method: str, target: str, body: bytes = b"", content_type: str | None = None
    ) -> tuple[int, bytes]:
        path, _, query = target.partition("?")
        headers = [(b"content-type", content_type.encode())] if content_type is not None else []
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "root_path": "",
        }
        scope |= {"path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": headers}
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: Any) -> None:
            sent.append(event)

        asyncio.run(self.app(scope, receive, send))
        return sent[0]["status"], sent[1]["body"]


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle()


def bodies(*values: Any) -> list[str]:
    return [value if isinstance(value, str) else json.dumps(value) for value in values]


def one(**fields: Any) -> Any:
    return {"content": {"content": "hi"} | fields}


MALFORMED = [
    "{", "}", "[", '"', "{]", "{'a': 1}", '{"content": }', '{"content": {"content": "hi"},}', "nul", "tru",
    '{"content": {"content": "hi"}} x', '{"content": "\n"}', '{"content": "\\x"}', '{"content": "\\u12"}',
    '{"a" 1}', "{1: 2}", "01", "+1", ".5", "1.", "-", "\u00a0{}", "// c", '{"a":1 "b":2}', '["a",]', "\t \n",
    '{"ü": ', "\x0c{}",
]  # fmt: skip

CREATE = bodies(
    # nothing of what is needed
    {}, {"content": None}, {"content": {}}, {"content": [{}]}, {"conversation_id": "conv_1"},
    # not an object
    "null", "true", "0", "1.5", '"text"', [], [{"content": "hi"}], [{"content": {"content": "hi"}}],
    # a bare message, whose content is text
    {"content": "hi"}, {"role": "user", "content": "hi"}, {"content": 7}, {"content": True},
    # members of the union
    {"content": [{"content": "hi"}, {"content": 1}]}, {"content": [{"content": "hi"}, "hi", None, 3]},
    {"content": [[{"content": "hi"}]]}, {"content": {"content": {"content": "hi"}}},
    {"content": [{"role": 1}, {"tags": 1, "content": None}]},
    # types of the fields
    one(content=1), one(content=None), one(content=["a"]), one(role=None), one(role=1.5), one(role="r" * 65),
    one(message_type={}), one(sender_id=326166736), one(sender_id="s" * 256), one(sender_id=["a"]),
    one(tool_calls={}), one(tool_calls=["a", 1, None]), one(tool_calls="[]"), one(tags="a,b"),
    one(tags=[1, True, None, "ok"]), one(tags={"a": 1}), one(meta_data=[]), one(meta_data="{}"),
    one(meta_data=[["a", 1]]), one(attachments=[[]]), one(attachments={"url": "x"}),
    one(parent_message_id=1), one(parent_message_id="p" * 300),
    # moments
    one(created_at="yesterday"), one(created_at="2024-13-01"), one(created_at="2024-02-30T00:00:00Z"),
    one(created_at="0001-01-01T00:00:00+14:00"), one(created_at="9999-12-31T23:59:59-14:00"),
    one(created_at=True), one(created_at={}), one(created_at=1e308), one(created_at=-1e308),
    one(created_at=""),
    one(created_at=99999999999999999999), one(created_at="12:00"), one(created_at="2024-01-01T25:00:00Z"),
    # booleans, ids, many things at once
    one() | {"enable_memories": "maybe"}, one() | {"enable_memories": 2}, one() | {"enable_memories": []},
    one() | {"conversation_id": 1}, one() | {"conversation_id": ["x"]},
    {"conversation_id": {}, "content": [{"role": 1, "tags": [1]}, 5], "enable_memories": "x"},
    # A list that is longer than a call takes is told before its items are validated: see test_body_limits.
    one(role={"a": ["ü", 12345678901234567890123, -0.5, None, True]}),
)  # fmt: skip

FORM = '--x\r\nContent-Disposition: form-data; name="content"\r\n\r\nhi\r\n--x--'

BODIES = [
    *(("POST", MESSAGES, JSON, body) for body in [*CREATE, *MALFORMED, ""]),
    # content types
    *(
        ("POST", MESSAGES, content_type, json.dumps(one()))
        for content_type in (
            "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json",
            "application/octet-stream", "application/jsonp", "json", "application/", "a/b/c", "application",
        )
    ),
    ("POST", MESSAGES, "text/plain", ""),
    ("POST", MESSAGES, "application/x-www-form-urlencoded", "content=hi&role=user"),
    ("POST", MESSAGES, "multipart/form-data; boundary=x", FORM),
    ("POST", MESSAGES, "application/vnd.api+json", "{"),
    ("POST", MESSAGES, "APPLICATION/JSON; charset=utf-16", '{"content": 1}'),
    *(
        ("PUT", MESSAGE, JSON, body)
        for body in bodies("[]", "null", "", {"content": 1}, {"tags": [1]}, {"sent_at": "x", "role": 1})
    ),
    *(
        ("POST", CONVERSATIONS, JSON, body)
        for body in bodies(
            "", "null", {"title": 1}, {"title": "t" * 256}, {"status": "open"}, {"is_public": "maybe"},
            {"collections": "a"}, {"collections": [1]}, {"meta_data": []}, {"settings": 1}, {"user_id": 1},
            {"messages": {}}, {"messages": [{}]},
            {"owner_id": "o" * 256},
        )
    ),
    *(
        ("PUT", CONVERSATION, JSON, body)
        for body in bodies({"status": 1}, {"ended_at": "x"}, {"title": "t" * 256, "summary": 1}, "[]")
    ),
    *(
        ("POST", f"{CONVERSATION}/messages", JSON, body)
        for body in bodies({}, "null", {"content": None}, [{"content": "x"}], {"content": {"content": "x"}})
    ),
    *(
        ("POST", WORKSPACES, JSON, body)
        for body in bodies({}, {"name": ""}, {"name": "n" * 256, "slug": "No"}, {"name": 1, "slug": ""})
    ),
    *(
        ("POST", KEYS, JSON, body)
        for body in bodies(
            {}, {"label": ""}, {"label": "x", "permissions": ["root"]}, {"label": "x", "permissions": "read"},
            {"label": "x", "ip_whitelist": ["10.0.0.1"]}, {"label": "x", "status": None, "expires_at": 1e300},
        )
    ),
    ("PUT", f"{KEYS}/key_1", JSON, '{"permissions": [1], "status": "gone"}'),
]  # fmt: skip

QUERIES = [
    *(
        (MESSAGES, query)
        for query in (
            "limit=0", "limit=1001", "limit=-1", "limit=ten", "limit=1e3", "limit=1.5",
            "limit=0x10",
            "limit=99999999999999999999", "skip=-1", "skip=a&limit=0", "skip=" + "9" * 5_000,
            "limit=1&limit=x",
            "skip=true", "skip=null", "limit=%20", "order_direction=up",
            "created_after=x&created_before=2024-13-01", "created_after=2024-01-01T00:00:00+02:00",
            "created_before=0001-01-01T00:00:00%2B14:00", "created_before=1e400",
            "tags_mode=some",
            "search=" + "s" * 1_001, "limit=%C3%BC&skip=%FF",
            "limit=0&skip=-1&order_direction=x&tags_mode=y",
            "LIMIT=5&limit=x", "limit[]=5&limit=%5B%5D", "limit=5;skip=1", "limit=+5x",
        )
    ),
    *(
        (CONVERSATIONS, query)
        for query in (
            "status=open", "is_public=maybe", "is_public=2", "page=0", "page=x&limit=1001",
            "direction=back", "sort_order=down", "sort_order=x&limit=0",
        )
    ),
    (WORKSPACES, "limit=0&skip=x&order_direction=x"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "content_type", "body"), BODIES)
def test_bodies(api: ApiClient, oracle: Oracle, method: str, path: str, content_type: str, body: str):
    ours = api.call(method, path, body.encode(), content_type=content_type)
    refused_alike(ours, oracle.ask(method, path, body.encode(), content_type))


@pytest.mark.parametrize(("path", "query"), QUERIES)
def test_queries(api: ApiClient, oracle: Oracle, path: str, query: str):
    refused_alike(api.get(f"{path}?{query}"), oracle.ask("GET", f"{path}?{query}"))


def test_the_query_of_a_delete(api: ApiClient, oracle: Oracle):
    target = f"{WORKSPACES}/wsp_1?force=perhaps"
    refused_alike(api.delete(target), oracle.ask("DELETE", target))


@pytest.mark.parametrize("query", ["limit=0&skip=a", "limit=x&skip=-1", "skip=1.5&limit=1e400"])
def test_parameters_declared_one_by_one_give_the_same(api: ApiClient, oracle: Oracle, query: str):
    refused_alike(api.get(f"{MESSAGES}?{query}"), oracle.ask("GET", f"/singly?{query}"))


@pytest.mark.parametrize("body", [b"", b"null", b'{"content": {"content": "hi"}}'])
def test_no_content_type_at_all(api: ApiClient, oracle: Oracle, body: bytes):
    ours = api.client.generic("POST", api.prefix + MESSAGES, body, content_type="", headers=api.headers)
    refused_alike(ours, oracle.ask("POST", MESSAGES, body))


class Both(MieltoViewSet):
    """An operation that takes a query and a body, as none of the vendor's does."""

    queryset = Message.objects.all()

    @operation("Both", Permission.WRITE)
    def create(self, query: MessagesQuery, body: CreateMessages) -> Any: ...


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("limit=0", "{}"),
        ("limit=0&skip=x", '{"content": 1}'),
        ("limit=0", ""),
        ("", "null"),
        ("limit=0", "{"),
    ],
)
def test_errors_of_query_and_body_come_together(acme: Tenant, oracle: Oracle, query: str, body: str):
    target = f"/both?{query}"
    headers = {"Authorization": acme.secret}
    request = RequestFactory().generic("POST", target, body, content_type=JSON, headers=headers)
    ours = Both.as_view({"post": "create"})(request)
    refused_alike(ours, oracle.ask("POST", target, body.encode(), JSON))


def refused_alike(ours: Any, theirs: tuple[int, bytes]) -> None:
    """Both 422, with equal bodies down to the order of the keys, but for our hints behind them."""
    assert (ours.status_code, theirs[0]) == (422, 422), (ours.content, theirs[1])
    found, wanted = (json.loads(body) for body in (ours.content, theirs[1]))
    for problem in found["detail"]:
        assert "hint" not in problem or [*problem][-1] == "hint"
        problem.pop("hint", None)
    assert json.dumps(found) == json.dumps(wanted)
