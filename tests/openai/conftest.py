"""What the tests of OpenAI's wire share: a conversation of acme, and its items."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ApiClient

CONVERSATIONS = "/openai/v1/conversations"
Item = dict[str, Any]


@pytest.fixture
def conversation(api: ApiClient) -> str:
    """Path of an empty conversation of acme."""
    return f"{CONVERSATIONS}/{api.post(CONVERSATIONS).json()['id']}"


@pytest.fixture
def add(api: ApiClient, conversation: str) -> Callable[..., list[Item]]:
    """Store items in the conversation, and return them as they were answered."""

    def store(*items: Item) -> list[Item]:
        response = api.post(f"{conversation}/items", {"items": items})
        assert response.status_code == 200, response.content
        data: list[Item] = response.json()["data"]
        return data

    return store


@pytest.fixture
def items(api: ApiClient, conversation: str) -> Callable[[], list[Item]]:
    """The items of the conversation, oldest first."""

    def read() -> list[Item]:
        response = api.get(f"{conversation}/items?order=asc&limit=100")
        assert response.status_code == 200, response.content
        data: list[Item] = response.json()["data"]
        return data

    return read
