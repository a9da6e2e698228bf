"""A model on loopback that speaks OpenAI's chat completions and embeddings, and answers as a test says.

It refuses what the API refuses: a missing key, an unknown path, a body without model, messages or a strict
schema.
"""

import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-of-the-tests"
Reply = Callable[[dict[str, Any], "Handler"], None]
"""Answers a request whose body is this."""
Say = Callable[[dict[str, Any]], list[dict[str, Any]]]
"""The changes that a model makes of what it is shown."""


class Model(ThreadingHTTPServer):
    """Answers the requests in turn as `replies` says, then as `usual` does."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.replies: list[Reply] = []
        self.usual: Reply = saying()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def shown(self) -> list[dict[str, Any]]:
        """What the model was shown, request by request."""
        return [json.loads(body["messages"][1]["content"]) for body in self.asked if "messages" in body]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return self.answer(401, {"error": {"message": "Incorrect API key provided"}})
        if self.path == "/v1/embeddings":
            return self.answer(200, _embedded(body))
        if self.path != "/v1/chat/completions":
            return self.answer(404, {"error": {"message": "Unknown request URL"}})
        if problem := _problem(body):
            return self.answer(400, {"error": {"message": problem}})
        reply = self.server.replies.pop(0) if self.server.replies else self.server.usual
        return reply(body, self)

    def answer(self, status: int, body: object) -> None:
        self.send(status, json.dumps(body).encode())

    def send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""


def saying(*changes: dict[str, Any]) -> Reply:
    """The model answers with these changes."""
    return making(lambda shown: list(changes))


def making(say: Say) -> Reply:
    """The model makes its changes of what it is shown."""

    def reply(body: dict[str, Any], handler: Handler) -> None:
        shown = json.loads(body["messages"][1]["content"])
        handler.answer(200, completion(json.dumps({"changes": say(shown)})))

    return reply


def replying(content: str | None, **more: Any) -> Reply:
    """The model answers with this text."""
    return lambda body, handler: handler.answer(200, completion(content, **more))


def failing(status: int) -> Reply:
    return lambda body, handler: handler.answer(status, {"error": {"message": "No"}})


def sending(raw: bytes) -> Reply:
    return lambda body, handler: handler.send(200, raw)


def hanging_up(body: dict[str, Any], handler: Handler) -> None:
    handler.connection.close()


def silent(body: dict[str, Any], handler: Handler) -> None:
    handler.server.closing.wait(20)


def dripping(body: dict[str, Any], handler: Handler) -> None:
    """Byte by byte, each in good time, and never an end."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.closing.is_set():
        handler.wfile.write(b" ")
        time.sleep(0.05)


def completion(content: str | None, *, refusal: str | None = None, finish_reason: str = "stop") -> object:
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": refusal, "annotations": []}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "test-model",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def change(action: str, memory: str | None = None, **more: Any) -> dict[str, Any]:
    return {"action": action, "id": None, "memory": memory, "topics": [], "turns": [0], **more}


@contextmanager
def serving() -> Iterator[Model]:
    model = Model()
    thread = threading.Thread(target=model.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.closing.set()
        model.shutdown()
        model.server_close()
        thread.join()


def _problem(body: dict[str, Any]) -> str | None:
    """What the API has against a request; as strict about schemas as it is."""
    if not body.get("model") or [each.get("role") for each in body.get("messages", [])] != ["system", "user"]:
        return "you must provide a model parameter and messages"
    schema = body.get("response_format", {}).get("json_schema", {})
    if not re.fullmatch(r"[\w-]{1,64}", schema.get("name", "")) or not schema.get("strict"):
        return "Missing required parameter: response_format.json_schema"
    return _loose(schema["schema"])


def _loose(schema: dict[str, Any]) -> str | None:
    """Why a schema is none that `strict` takes: every object closed, every property required."""
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false"
        if set(schema["required"]) != set(schema["properties"]):
            return "'required' is required to be an array including every key in properties"
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return next((problem for each in inner if (problem := _loose(each))), None)


def _embedded(body: dict[str, Any]) -> object:
    """Vectors of three numbers: the letters, vowels and spaces of a text. In another order than asked."""
    rows = [
        {"object": "embedding", "index": index, "embedding": _counted(text)}
        for index, text in enumerate(body["input"])
    ]
    return {"object": "list", "data": rows[::-1], "model": body["model"], "usage": {}}


def _counted(text: str) -> list[float]:
    return [math.log1p(len(text)), sum(map(text.lower().count, "aeiou")), float(text.count(" "))]
