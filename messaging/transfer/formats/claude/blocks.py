"""The blocks that the content of a message consists of, each as a piece of ours."""

from collections.abc import Callable, Mapping
from typing import Any

from messaging.transfer.contents import Content, as_list, as_object, as_text, says_something, text_or_none
from messaging.transfer.kinds import Outcome

Given = Mapping[str, Any]

TIMES = ("start_timestamp", "stop_timestamp")
NOTED = ("type", *TIMES)
WITHOUT_WORDS = ("token_budget", "flag")
"""Blocks that steer the model and say nothing to a reader."""


def read_block(content: Content, block: object, message: str) -> None:
    """Add a block of this message. What nobody foresaw is data."""
    if isinstance(block, str):
        block = {"type": "text", "text": block}
    if not says_something(block):
        return
    kind = as_object(block).get("type")
    read = BLOCKS.get(kind) if isinstance(kind, str) else None
    if read is not None and read(content, as_object(block), message):
        content.count(kind)
    elif kind in WITHOUT_WORDS:
        content.describe("blocks", block)
        content.count(kind, Outcome.HIDDEN)
    else:
        content.data(kind, block)
        content.count(kind, Outcome.DATA)


def _text(content: Content, block: Given, message: str) -> bool:
    text = block.get("text")
    if not isinstance(text, str):
        return False
    content.text(text, **_rest(block, "text"))
    return True


def _thinking(content: Content, block: Given, message: str) -> bool:
    """Reasoning to read: it comes without the signature with which a provider would take it back."""
    summaries = [text_or_none(as_object(item).get("summary")) for item in as_list(block.get("summaries"))]
    words = text_or_none(block.get("thinking")) or "\n".join(filter(None, summaries))
    if not words and not isinstance(block.get("thinking"), str):
        return False
    if words:
        content.reasoning(words, **_rest(block, "thinking"))
    return True


def _tool_use(content: Content, block: Given, message: str) -> bool:
    name = text_or_none(block.get("name"))
    if name is None:
        return False
    call_id = text_or_none(block.get("id")) or f"{message}/{len(content.parts)}"
    content.call(name, call_id, block.get("input"))
    if rest := _rest(block, "name", "id", "input"):
        content.describe("calls", {"id": call_id, **rest})
    return True


def _tool_result(content: Content, block: Given, message: str) -> bool:
    name = text_or_none(block.get("name"))
    call_id = text_or_none(block.get("tool_use_id")) or _unanswered(content, name)
    rest = _rest(block, "name", "tool_use_id", "content", "is_error")
    is_error = block.get("is_error") is True
    content.result(name or "", call_id, _output(block.get("content")), is_error=is_error, **rest)
    return True


def _voice_note(content: Content, block: Given, message: str) -> bool:
    words = [text for text in (block.get("title"), block.get("text")) if isinstance(text, str) and text]
    for text in words:
        content.text(text)
    return bool(words) and not _rest(block, "title", "text")


BLOCKS: dict[str, Callable[[Content, Given, str], bool]] = {
    "text": _text,
    "thinking": _thinking,
    "tool_use": _tool_use,
    "server_tool_use": _tool_use,
    "tool_result": _tool_result,
    "voice_note": _voice_note,
}


def _output(given: object) -> object:
    """What a tool answered: the words where these are all, else everything as it came."""
    listed = given if isinstance(given, list) else [given]
    words = [item if isinstance(item, str) else as_object(item).get("text") for item in listed]
    kinds = {as_object(item).get("type", "text") for item in listed}
    if kinds <= {"text"} and all(isinstance(text, str) for text in words):
        return "\n".join(map(as_text, words))
    return "" if given is None else given


def _unanswered(content: Content, name: str | None) -> str | None:
    """The last call of this tool that has no result yet, for a result that names none."""
    answered = {part["tool_call_id"] for part in content.parts if part["type"] == "tool-result"}
    calls = [part for part in content.parts if part["type"] == "tool-call"]
    waiting = (part for part in reversed(calls) if part["tool_call_id"] not in answered)
    return next((str(part["tool_call_id"]) for part in waiting if name in (None, part["tool_name"])), None)


def _rest(block: Given, *names: str) -> dict[str, Any]:
    """What else a block says, its times aside."""
    return {
        name: value for name, value in block.items() if name not in (*NOTED, *names) and says_something(value)
    }
