"""A workspace made through the API, and what tests do in it from many threads."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import httpx

from tests.e2e.server import Database, Server

Result = TypeVar("Result")
MESSAGES = "/api/v1/messages"
CONVERSATIONS = "/api/v1/conversations"
MEMORIES = "/api/v1/memories"
TRANSCRIPT = f"{CONVERSATIONS}/{{conversation}}/transcript"
ITEMS = "/openai/v1/conversations/{conversation}/items"
FEEDBACK = f"{MESSAGES}/{{message}}/feedback"
READS = (
    MESSAGES,
    TRANSCRIPT,
    "/v1/threads/{conversation}/messages?include_parts=true",
    ITEMS,
    "/openai/v1/threads/{conversation}/messages",
    FEEDBACK,
    f"{MEMORIES}?user_id=u",
)
"""Paths of every wire and resource that read."""
SAID = {"role": "user", "content": "x"}
WRITES: dict[str, object] = {
    TRANSCRIPT: {"messages": [SAID]},
    "/v1/threads/{conversation}/messages": SAID,
    ITEMS: {"items": [SAID]},
    "/openai/v1/threads/{conversation}/messages": SAID,
    FEEDBACK: {"value": True},
    f"{CONVERSATIONS}/{{conversation}}/fork": {},
    MEMORIES: {"user_id": "u", "memory": "Likes tea"},
    f"{MEMORIES}/from_messages": {
        "user_id": "u",
        "messages": [{"role": "user", "content": "I live in Rome."}],
    },
}
"""The same of those that write, into the conversation or for a user, with their bodies."""


@dataclass(frozen=True)
class Tenant:
    workspace_id: str
    key_id: str
    secret: str
    client: httpx.Client
    operator: httpx.Client
    """Acts in the same workspace with a key of another one, which outlives it."""
    store: Database

    def conversation(self, **fields: Any) -> str:
        """Id of a new conversation."""
        return str(created(self.client.post(CONVERSATIONS, json=fields))["id"])

    def ids_there(self) -> dict[str, str]:
        """What READS and WRITES name: a new conversation and its message."""
        conversation = self.conversation(messages=[SAID])
        return {"conversation": conversation, "message": self.ids(conversation)[0]}

    def run(self) -> str:
        """The path of a new run, which holds a conversation of its own."""
        runs = f"/v1/threads/{self.conversation()}/runs"
        answer = self.client.post(runs, json={"agent_id": "agent"})
        assert answer.status_code == 200, answer.text
        return f"{runs}/{answer.json()['run_id']}"

    def write_output(self, run: str, output: str, **options: Any) -> httpx.Response:
        """Append a tool's output to a run; a long one becomes an object."""
        part = {"type": "tool-result", "tool_name": "dump", "tool_call_id": "c", "output": output}
        body = {"role": "tool", "parts": [part]}
        return self.client.post(f"{run}/messages", json=body, **options)

    def writes_of_large(self, text: str) -> list[Callable[[], httpx.Response]]:
        """Ways to store such a text, of base64, as an object: on the wires of runs, items and transcripts."""
        ids = {"conversation": self.conversation()}
        url = f"data:image/png;base64,{text}"
        item, part = (
            {"type": "input_image", "image_url": url},
            {"type": "image_url", "image_url": {"url": url}},
        )
        bodies: dict[str, object] = {
            ITEMS: {"items": [{"role": "user", "content": [item]}]},
            TRANSCRIPT: {"messages": [{"role": "user", "content": [part]}]},
        }
        posts = [
            partial(self.client.post, path.format(**ids), json=body, timeout=60)
            for path, body in bodies.items()
        ]
        return [partial(self.write_output, self.run(), text, timeout=60), *posts]

    def counters(self, conversation_id: str) -> tuple[int, int]:
        """(message_count, last_seq) as stored."""
        sql = f"SELECT message_count, last_seq FROM parley_conversation WHERE id = '{conversation_id}'"
        [[count, last_seq]] = self.store.rows(sql)
        return count, last_seq

    def numbers(self, conversation_id: str) -> list[int]:
        """Every `seq` of the conversation, in order."""
        sql = f"SELECT seq FROM parley_message WHERE conversation_id = '{conversation_id}' ORDER BY seq"
        return [seq for [seq] in self.store.rows(sql)]

    def ids(self, conversation_id: str) -> list[str]:
        """The ids of its messages, in the order of `seq`."""
        sql = f"SELECT id FROM parley_message WHERE conversation_id = '{conversation_id}' ORDER BY seq"
        return [message_id for [message_id] in self.store.rows(sql)]


@contextlib.contextmanager
def make_tenant(server: Server) -> Iterator[Tenant]:
    with server.client(server.database.secret) as operator:
        workspace = created(operator.post("/api/v1/workspaces", json={"name": "Tenant"}))
        permissions = {"label": "all", "permissions": ["read", "write", "agent", "admin"]}
        operator.headers["X-Workspace-Id"] = workspace["id"]
        key = created(operator.post("/api/v1/api-keys", json=permissions))
        with server.client(key["secret"]) as client:
            yield Tenant(workspace["id"], key["id"], key["secret"], client, operator, server.database)


def created(response: httpx.Response) -> Any:
    """The body of a 201."""
    assert response.status_code == 201, response.text
    return response.json()


def page(client: httpx.Client, path: str = MESSAGES, **query: Any) -> Any:
    """The body of a list, which must be a 200."""
    response = client.get(path, params={name: value for name, value in query.items() if value is not None})
    assert response.status_code == 200, response.text
    return response.json()


def at_once(count: int, work: Callable[[int], Result]) -> list[Result]:
    """What `work(0)`, `work(1)`, ... return when as many threads start at the same moment."""
    barrier = threading.Barrier(count)

    def start(number: int) -> Result:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))
