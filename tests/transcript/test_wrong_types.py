"""No value of a wrong type vanishes: each field of each format is refused by its name, or kept."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from messaging.exceptions import InvalidValue
from messaging.transcript import Format
from messaging.transcript.drafts import draft_of
from messaging.transcript.omissions import Omissions
from messaging.transcript.steps import steps_of
from tests.cast import Tenant
from tests.client import ApiClient

from .histories import held, path_of
from .test_nothing_vanishes import SAMPLES

FURTHER: dict[str, list[dict[str, Any]]] = {
    "openai": [
        {"role": "assistant", "name": "n", "content": "a", "reasoning_content": "b", "refusal": "c"},
        {"role": "assistant", "audio": {"id": "a", "transcript": "t"}},
        {"role": "assistant", "tool_calls": [{"index": 0, "id": "a", "function": {"name": "f"}}]},
        {"role": "user", "content": [{"type": "file", "file": {"file_data": "d", "filename": "f"}}]},
        {"role": "tool", "tool_call_id": "a", "name": "n", "content": "c", "tool_calls": [], "refusal": ""},
    ],
    "anthropic": [
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "a", "content": [], "is_error": False}],
        },
        {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "u", "data": "d"}}]},
    ],
    "gemini": [
        {"role": "model", "parts": [{"functionCall": {"name": "f"}, "text": "t", "thought": True}]},
        {"role": "user", "parts": [{"text": "t", "inlineData": {"mimeType": "a/b", "data": "d"}}]},
        {"role": "user", "parts": [{"something": "new", "thoughtSignature": "s"}]},
    ],
    "ui": [
        {
            "id": "3",
            "role": "assistant",
            "parts": [
                {"type": "file", "mediaType": "a/b", "url": "u", "filename": "f"},
                {"type": "dynamic-tool", "toolName": "f", "toolCallId": "b", "state": "output-error",
                 "input": {}, "rawInput": "r", "output": "o", "errorText": "e"},
                {"type": "tool-f", "toolName": "g", "toolCallId": "c", "state": "input-streaming",
                 "output": "o"},
            ],
        }
    ],
    "otel": [
        {
            "role": "tool",
            "name": "n",
            "parts": [{"type": "tool_call_response", "id": "a", "response": "1", "result": "2"}],
        },
        {"role": "user", "parts": [{"type": "uri", "modality": "video", "uri": "u"}]},
    ],
    "responses": [],
}  # fmt: skip
"""Messages with what the samples do not have."""
MARK = "770770"
WRONG: tuple[Any, ...] = (770770, [MARK], {"x": MARK}, MARK, 0, False)
FORMATS = tuple(SAMPLES)
Path = tuple[str | int, ...]


def sample(format: str) -> dict[str, Any]:
    body = copy.deepcopy(SAMPLES[format])
    body[Format.known[format].keys[-1]] += copy.deepcopy(FURTHER[format])
    return body


def fields_in(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """(where it is, the value) of each in this one."""
    named = value.items() if isinstance(value, dict) else enumerate(value)
    for name, below in named:
        yield (*path, name), below
        if isinstance(below, dict | list):
            yield from fields_in(below, (*path, name))


def read(format: str, path: Path, *value: Any) -> str:
    """What is stored of the sample with this value at a path, or without one: the drafts, or the refusal."""
    body: Any = sample(format)
    given = body
    for name in path[:-1]:
        given = given[name]
    if value:
        given[path[-1]] = value[0]
    else:
        del given[path[-1]]
    try:
        return repr([draft_of(turn) for turn in Format.known[format]().read(body)])
    except InvalidValue as refusal:
        named = refusal.loc[1:]
        return f"refused: {named}" if named[: len(path)] == path[: len(named)] else f"missing: {named}"


def is_lost(format: str, path: Path, value: Any) -> bool:
    """Whether a value of another type than the sample's is neither refused nor kept."""
    answer = read(format, path, value)
    if answer.startswith("refused"):
        return False
    return MARK not in answer if value else answer == read(format, path)


@pytest.mark.parametrize("format", FORMATS)
def test_no_value_vanishes(format: str):
    fields = [(path, right) for path, right in fields_in(sample(format)) if isinstance(path[-1], str)]
    wrong = [(path, value) for path, right in fields for value in WRONG if type(value) is not type(right)]
    assert [(path, value) for path, value in wrong if is_lost(format, path, value)] == []


@pytest.mark.parametrize(("field", "value"), [("tool_calls", ""), ("name", []), ("content", {})])
def test_an_empty_value_of_a_wrong_type_is_refused(field: str, value: object):
    with pytest.raises(InvalidValue) as refusal:
        Format.known["openai"]().read({"messages": [{"role": "assistant", "content": "a", field: value}]})
    assert refusal.value.loc == ("body", "messages", 0, field)


@pytest.mark.django_db
@pytest.mark.wire("mielto", "store_transcript", "a value of a wrong type is refused by name")
@pytest.mark.parametrize("item_id", [7, "x" * 256])
def test_the_answer_names_the_field(api: ApiClient, acme: Tenant, item_id: object):
    body = {"input": [{"role": "user", "content": "a", "id": item_id}]}
    answer = api.post(path_of(held(acme), "format=responses"), body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "input", 0, "id"]


WORDLESS: dict[str, dict[str, Any]] = {
    "openai": {"messages": [{"role": "user", "contnt": "a"}]},
    "responses": {"input": [{"role": "user", "contnt": "a"}]},
    "anthropic": {"messages": [{"role": "user", "contnt": "a"}]},
    "gemini": {"contents": [{"role": "user", "prts": []}]},
    "ui": {"messages": [{"id": "1", "role": "user", "prts": []}]},
    "otel": {"messages": [{"role": "user", "prts": []}]},
}


@pytest.mark.parametrize("format", FORMATS)
def test_a_message_whose_words_are_misspelt_is_refused(format: str):
    with pytest.raises(InvalidValue) as refusal:
        Format.known[format]().read(WORDLESS[format])
    assert refusal.value.loc[-1] in ("content", "parts")


@pytest.mark.parametrize("format", FORMATS)
def test_a_misspelt_role_is_refused(format: str):
    body = sample(format)
    key = Format.known[format].keys[-1]
    [message, *_] = (each for each in body[key] if "role" in each)
    message["role"] = "usr"
    with pytest.raises(InvalidValue) as refusal:
        Format.known[format]().read(body)
    assert refusal.value.loc[-1] == "role"


def test_the_modality_of_a_file_without_a_type_comes_back():
    part = {"type": "uri", "modality": "video", "uri": "https://example.com/a"}
    [turn] = Format.known["otel"]().read({"messages": [{"role": "user", "parts": [part]}]})
    written = Format.known["otel"]().write(steps_of([turn], Omissions()), Omissions())
    assert written["messages"][0]["parts"] == [part]
