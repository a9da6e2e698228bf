"""Real input: 200 conversations of a tool-calling agent come back whole, and are never stored twice."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import ROOT
from tests.e2e.tenant import CONVERSATIONS, MESSAGES, Tenant, at_once, created, page

DATA = Path(os.environ.get("PARLEY_TEST_DATA") or ROOT.parent / "shared" / "data")
FILE = DATA / "agent-conversations.json"
TOTAL = 5_308
START = datetime(2024, 5, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason=f"no {FILE.name}: set PARLEY_TEST_DATA to its folder"
)


def load() -> list[list[dict[str, Any]]]:
    """The conversations as create requests carry them, a second between any two messages of all."""
    clock = count()
    return [
        [request_for(item, next(clock)) for item in found["traj"]] for found in json.loads(FILE.read_text())
    ]


def request_for(item: dict[str, Any], second: int) -> dict[str, Any]:
    message = {
        "role": item["role"],
        "content": item["content"] or "",
        "created_at": (START + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
    }
    if item.get("tool_calls"):
        message["tool_calls"] = item["tool_calls"]
    if item["role"] == "tool":
        message["meta_data"] = {"tool_call_id": item["tool_call_id"], "name": item["name"]}
    return message


def send(client: httpx.Client, conversation_id: str, messages: list[Any], size: int) -> list[dict[str, Any]]:
    """The stored rows, as the batches of this size were answered."""
    batches = [messages[start : start + size] for start in range(0, len(messages), size)]
    bodies = [{"conversation_id": conversation_id, "content": batch} for batch in batches]
    return [row for body in bodies for row in created(client.post(MESSAGES, json=body))]


def by_skip(client: httpx.Client, **query: Any) -> Iterator[Any]:
    skip, more = 0, True
    while more:
        answer = page(client, skip=skip, **query)
        yield from answer["data"]
        skip, more = skip + query["limit"], answer["has_more"]


def by_cursor(client: httpx.Client, **query: Any) -> Iterator[Any]:
    answer = page(client, **query)
    yield from answer["data"]
    while answer["next_cursor"]:
        answer = page(client, cursor=answer["next_cursor"], **query)
        yield from answer["data"]


def test_they_come_back_whole_and_are_stored_once(tenant: Tenant):
    sent = load()
    conversations = [tenant.conversation(title=f"Task {number}") for number in range(len(sent))]

    def post(worker: int, size: int) -> dict[str, Any]:
        mine = list(zip(conversations, sent, strict=True))[worker::2]
        return {
            conversation: send(tenant.client, conversation, messages, size) for conversation, messages in mine
        }

    first, second = at_once(2, lambda worker: post(worker, 25))
    answered = first | second
    stored = [row for conversation in conversations for row in answered[conversation]]
    given = [message for messages in sent for message in messages]
    assert len(stored) == len(given) == TOTAL
    for row, message in zip(stored, given, strict=True):
        assert {name: row[name] for name in message} == message
        assert row["sent_at"] == row["created_at"]

    for walk in (by_skip, by_cursor):
        for direction, expected in (("asc", stored), ("desc", stored[::-1])):
            assert list(walk(tenant.client, limit=700, order_direction=direction)) == expected
    longest = max(conversations, key=lambda conversation: len(answered[conversation]))
    for walk in (by_skip, by_cursor):
        for direction, step in (("asc", 1), ("desc", -1)):
            query = {"conversation_id": longest, "limit": 7, "order_direction": direction}
            assert list(walk(tenant.client, **query)) == answered[longest][::step]

    first, second = at_once(2, lambda worker: post(worker, 1_000))
    assert first | second == answered
    assert page(tenant.client, limit=1)["total_count"] == TOTAL
    listed = page(tenant.client, CONVERSATIONS, limit=1000)["data"]
    assert {row["id"]: row["message_count"] for row in listed} == {
        conversation: len(rows) for conversation, rows in answered.items()
    }
