"""What the tests of threads share: a thread of acme with a message, and a run that holds it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ApiClient


@pytest.fixture
def thread(api: ApiClient) -> str:
    """Id of an empty thread of acme."""
    thread_id: str = api.post("/v1/threads", {"meta_data": {"channel": "web"}}).json()["id"]
    return thread_id


@pytest.fixture
def say(api: ApiClient, thread: str) -> Callable[..., Any]:
    """Store a message in the thread and return it with its parts."""

    def store(content: Any = "hi", **fields: Any) -> Any:
        body = {"role": "user", "content": content} | fields
        response = api.post(f"/v1/threads/{thread}/messages?include_parts=true", body)
        assert response.status_code == 200, response.content
        return response.json()

    return store


@pytest.fixture
def run(api: ApiClient, thread: str) -> str:
    """Path of a run that holds the thread."""
    run_id = api.post(f"/v1/threads/{thread}/runs", {"agent_id": "support"}).json()["run_id"]
    return f"/v1/threads/{thread}/runs/{run_id}"


@pytest.fixture
def act(api: ApiClient, run: str) -> Callable[..., Any]:
    """Store a message of the run and return it with its parts."""

    def store(role: str = "assistant", **fields: Any) -> Any:
        response = api.post(f"{run}/messages?include_parts=true", {"role": role} | fields)
        assert response.status_code == 200, response.content
        return response.json()

    return store
