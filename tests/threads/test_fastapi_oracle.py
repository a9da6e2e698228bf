"""Our 422 bodies are those of a FastAPI application with the seed's models: unions name their members."""

import json
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query

from tests.client import ApiClient
from tests.wire.test_fastapi_oracle import Oracle, refused_alike
from threads.seekrflow.messages.inputs import MessageUpdateRequest, ThreadMessageRequest
from threads.seekrflow.messages.query import MessagesQuery, PartsQuery
from threads.seekrflow.pages import FilteredListQuery
from threads.seekrflow.runs.inputs import RunMessageRequest, RunRequest, RunUpdate
from threads.seekrflow.threads.inputs import ThreadCreateRequest

pytestmark = pytest.mark.django_db

THREADS = "/v1/threads"
MESSAGES = f"{THREADS}/t/messages"
RUNS = f"{THREADS}/t/runs"


def oracle_app() -> FastAPI:
    app = FastAPI()

    @app.post(THREADS)
    async def create_thread(body: ThreadCreateRequest) -> None: ...

    @app.get(THREADS)
    async def list_threads(query: Annotated[FilteredListQuery, Query()]) -> None: ...

    @app.post(MESSAGES)
    async def create_message(query: Annotated[PartsQuery, Query()], body: ThreadMessageRequest) -> None: ...

    @app.get(MESSAGES)
    async def list_messages(query: Annotated[MessagesQuery, Query()]) -> None: ...

    @app.patch(f"{MESSAGES}/m")
    async def update_message(body: MessageUpdateRequest) -> None: ...

    @app.post(RUNS)
    async def create_run(body: RunRequest) -> None: ...

    @app.patch(f"{RUNS}/r")
    async def update_run(body: RunUpdate) -> None: ...

    @app.post(f"{RUNS}/r/messages")
    async def create_run_message(body: RunMessageRequest) -> None: ...

    return app


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle(oracle_app())


def user(content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": content} | fields


def part(**fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "parts": [fields]}


REFUSED: dict[tuple[str, str], list[Any]] = {
    ("POST", THREADS): [{"meta_data": []}, [], None],
    ("POST", MESSAGES): [
        {}, None, [], {"role": "assistant", "content": "x"}, {"content": "x"}, {"role": "user"},
        user(None), user(1), user({}), user("x", meta_data=None), user("x", meta_data=[]),
        user([1, "x", None]), user([{}]), user([{"type": "unknown"}]), user([{"type": None}]),
        user([{"type": "input_text"}]), user([{"type": "input_text", "text": 1}]),
        user([{"type": "input_text", "text": "x"}, {"type": "output_text", "text": "x"}]),
        user([{"type": "input_image"}]), user([{"type": "input_image", "detail": "huge"}]),
        user([{"type": "input_image", "detail": "low", "image_url": 1, "file_id": []}]),
        user([{"type": "input_file"}]), user([[]]),
        {"role": 1, "content": [{"type": "x"}], "meta_data": 1},
    ],
    ("PATCH", f"{MESSAGES}/m"): [[], {"content": 1}, {"content": [], "meta_data": 1}],
    ("POST", RUNS): [
        [], {"agent_id": None}, {"agent_id": "a" * 256}, {"model_settings": {"temperature": 3, "top_p": "x"}},
        {"response_format": {}}, {"response_format": {"json_schema": 1}}, {"metadata": {"a": 1}},
        {"group": 1},
    ],
    ("PATCH", f"{RUNS}/r"): [
        {"status": "queued"}, {"status": "canceled"}, {"usage": {}}, {"usage": {"total_tokens": -1}},
    ],
    ("POST", f"{RUNS}/r/messages"): [
        {}, {"role": "user", "content": "x"}, {"role": "tool"}, {"role": "tool", "parts": []},
        {"role": "assistant", "content": [{"type": "input_text", "text": "x"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "x", "annotations": [1]}]},
        {"role": "assistant", "content": [{"type": "output_guardrail", "text": "x"}]},
        part(), part(type="nothing"), part(type="text"), part(type="tool-call"),
        part(type="file", detail="x"),
        part(type="tool-result", tool_name="x", is_error="perhaps", metadata=[]),
        part(type="data", data_ref={"object_id": 1}),
    ],
}  # fmt: skip
BODIES = [(*where, body) for where, bodies in REFUSED.items() for body in bodies]

QUERIES = [
    (THREADS, "limit=-1&order=up&offset=x"),
    (THREADS, "created_after=x"),
    (MESSAGES, "limit=x&include_parts=perhaps&offset=-1"),
    (MESSAGES, "order=x&limit=y"),
]


@pytest.mark.wire("seekrflow", "create_message", "422 bodies as FastAPI's, union errors name the members")
@pytest.mark.parametrize(("method", "path", "body"), BODIES)
def test_bodies(api: ApiClient, oracle: Oracle, method: str, path: str, body: Any):
    raw = b"" if body is None else json.dumps(body).encode()
    refused_alike(api.call(method, path, raw), oracle.ask(method, path, raw, "application/json"))


@pytest.mark.parametrize(("path", "query"), QUERIES)
def test_queries(api: ApiClient, oracle: Oracle, path: str, query: str):
    refused_alike(api.get(f"{path}?{query}"), oracle.ask("GET", f"{path}?{query}"))


def test_query_and_body_at_once(api: ApiClient, oracle: Oracle):
    target = f"{MESSAGES}?include_parts=perhaps"
    refused_alike(
        api.call("POST", target, b'{"content": 1}'),
        oracle.ask("POST", target, b'{"content": 1}', "application/json"),
    )


def test_the_names_that_unions_give_their_members(api: ApiClient):
    detail = api.post(MESSAGES, user([{"type": "unknown"}])).json()["detail"]
    assert [error["loc"] for error in detail] == [
        ["body", "content", "str"],
        ["body", "content", "list[tagged-union[InputText,InputImage,InputFile]]", 0],
    ]
