"""What the providers refuse: the rules of each for a history, checked on what a transcript gives."""

from typing import Any

from anthropic.types import MessageParam, TextBlockParam
from google.genai.types import Content
from openai.types.chat import ChatCompletionMessageParam
from openai.types.responses import ResponseInputItemParam
from pydantic import TypeAdapter

OPENAI: TypeAdapter[Any] = TypeAdapter(list[ChatCompletionMessageParam])
RESPONSES: TypeAdapter[Any] = TypeAdapter(list[ResponseInputItemParam])
ANTHROPIC: TypeAdapter[Any] = TypeAdapter(list[MessageParam])
SYSTEM: TypeAdapter[Any] = TypeAdapter(str | list[TextBlockParam])
GEMINI: TypeAdapter[Any] = TypeAdapter(list[Content])

Given = dict[str, Any]


def hold(format: str, given: Given) -> None:
    """Raise for an object that the provider of this format would refuse."""
    CHECKS.get(format, lambda given: None)(given)


def _openai(given: Given) -> None:
    messages = given["messages"]
    OPENAI.validate_python(messages)
    _read(OPENAI, messages)
    waiting: set[str] = set()
    seen: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
            continue
        assert not waiting, "a call is answered before anything else is said"
        assert message["content"] is not None or message.get("tool_calls") or message.get("refusal")
        ids = [call["id"] for call in message.get("tool_calls", ())]
        assert all(len(each) <= 40 for each in ids)
        assert len(set(ids)) == len(ids)
        assert not seen.intersection(ids), "an id is used once"
        waiting, seen = set(ids), seen.union(ids)
    assert not waiting


def _responses(given: Given) -> None:
    RESPONSES.validate_python(given["input"])
    waiting: set[str] = set()
    for item in given["input"]:
        if item["type"] == "function_call":
            assert item["call_id"] not in waiting
            waiting.add(item["call_id"])
        elif item["type"] == "function_call_output":
            waiting.remove(item["call_id"])
    assert not waiting


def _anthropic(given: Given) -> None:
    messages = given["messages"]
    _read(ANTHROPIC, messages)
    SYSTEM.validate_python(given.get("system", ""))
    roles = [message["role"] for message in messages]
    assert roles[:1] in ([], ["user"])
    assert all(one != other for one, other in zip(roles, roles[1:], strict=False))
    waiting: list[str] = []
    for message in messages:
        blocks = message["content"] if isinstance(message["content"], list) else []
        assert message["content"], "nothing is empty"
        results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        assert sorted(results) == sorted(waiting)
        assert all(block["type"] == "tool_result" for block in blocks[: len(results)]), "results come first"
        assert all(block["text"].strip() for block in blocks if block["type"] == "text")
        waiting = [block["id"] for block in blocks if block["type"] == "tool_use"]
    assert not waiting


def _gemini(given: Given) -> None:
    contents = given["contents"]
    GEMINI.validate_python(contents)
    roles = [content["role"] for content in contents]
    assert roles[:1] in ([], ["user"])
    assert all(one != other for one, other in zip(roles, roles[1:], strict=False))
    calls = 0
    for content in contents:
        assert content["parts"]
        assert sum("functionResponse" in part for part in content["parts"]) == calls
        calls = sum("functionCall" in part for part in content["parts"])
    assert not calls


def _ui(given: Given) -> None:
    ids = [message["id"] for message in given["messages"]]
    assert len(set(ids)) == len(ids)
    for message in given["messages"]:
        assert message["parts"]
        for part in message["parts"]:
            assert part["type"] != "dynamic-tool" or "input" in part


def _read(adapter: TypeAdapter[Any], value: object) -> None:
    """Validate to the depths: what is iterable in a type is only validated as it is read."""
    adapter.dump_python(adapter.validate_python(value), warnings="error")


CHECKS = {"openai": _openai, "responses": _responses, "anthropic": _anthropic, "gemini": _gemini, "ui": _ui}
