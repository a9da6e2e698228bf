"""What a format does not know is kept all the same: each object of each format is planted with a key."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from messaging.models import Message, Part
from tests.cast import Tenant
from tests.client import ApiClient

from .histories import held, path_of

pytestmark = pytest.mark.django_db

DATA = "aGk="
SAMPLES: dict[str, dict[str, Any]] = {
    "openai": {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
                    {"type": "input_audio", "input_audio": {"data": DATA, "format": "wav"}},
                    {"type": "file", "file": {"file_id": "file_1"}},
                ],
            },
            {
                "role": "assistant",
                "content": [{"type": "refusal", "refusal": "No"}],
                "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                    {"id": "b", "type": "custom", "custom": {"name": "g", "input": "x"}},
                ],
            },
            {"role": "tool", "tool_call_id": "a", "content": "1"},
            {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "2"}]},
            {"role": "assistant", "content": None, "function_call": {"name": "h", "arguments": "{}"}},
            {"role": "function", "name": "h", "content": "3"},
        ]
    },
    "responses": {
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Look"}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]},
            {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "a", "output": "1"},
        ]
    },
    "anthropic": {
        "system": [{"type": "text", "text": "Be kind."}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": DATA},
                    },
                    {
                        "type": "document",
                        "title": "t",
                        "source": {"type": "url", "url": "https://example.com/a"},
                    },
                    {"type": "document", "source": {"type": "file", "file_id": "f"}},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm", "signature": "s"},
                    {"type": "redacted_thinking", "data": "r"},
                    {"type": "tool_use", "id": "a", "name": "f", "input": {}},
                ],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "1"}]},
        ],
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": "Be kind."}]},
        "contents": [
            {
                "role": "user",
                "parts": [
                    {"text": "Look"},
                    {"inlineData": {"mimeType": "image/png", "data": DATA}},
                    {"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}},
                ],
            },
            {
                "role": "model",
                "parts": [
                    {"text": "Hm", "thought": True, "thoughtSignature": "s"},
                    {"executableCode": {"language": "PYTHON", "code": "1"}},
                    {"functionCall": {"id": "a", "name": "f", "args": {}}},
                ],
            },
            {
                "role": "user",
                "parts": [{"functionResponse": {"id": "a", "name": "f", "response": {"output": "1"}}}],
            },
        ],
    },
    "ui": {
        "messages": [
            {
                "id": "1",
                "role": "user",
                "metadata": {"a": 1},
                "parts": [
                    {"type": "text", "text": "Look"},
                    {"type": "file", "mediaType": "image/png", "url": "https://example.com/a.png"},
                    {"type": "data-weather", "data": {"sun": True}},
                ],
            },
            {
                "id": "2",
                "role": "assistant",
                "parts": [
                    {"type": "step-start"},
                    {
                        "type": "reasoning",
                        "text": "Hm",
                        "providerMetadata": {"anthropic": {"signature": "s"}},
                    },
                    {"type": "source-url", "sourceId": "s", "url": "https://example.com"},
                    {
                        "type": "tool-f",
                        "toolCallId": "a",
                        "state": "output-available",
                        "input": {},
                        "output": "1",
                    },
                ],
            },
        ]
    },
    "otel": {
        "messages": [
            {
                "role": "user",
                "parts": [
                    {"type": "text", "content": "Look"},
                    {"type": "blob", "modality": "image", "mime_type": "image/png", "content": DATA},
                    {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
                    {"type": "file", "modality": "image", "file_id": "f"},
                ],
            },
            {
                "role": "assistant",
                "parts": [
                    {"type": "reasoning", "content": "Hm"},
                    {"type": "tool_call", "id": "a", "name": "f", "arguments": {}},
                ],
            },
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "a", "response": "1"}]},
        ]
    },
}


def objects_in(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(where it stands, the object) of all below this one."""
    named = value.items() if isinstance(value, dict) else enumerate(value)
    for name, below in named:
        if isinstance(below, dict):
            yield f"{path}.{name}", below
        if isinstance(below, dict | list):
            yield from objects_in(below, f"{path}.{name}")


def stored(conversation: Any) -> str:
    """All that rows of the conversation hold."""
    rows = Message.objects.filter(conversation=conversation)
    parts = Part.objects.filter(message__conversation=conversation)
    return json.dumps([[*rows.values()], [*parts.values()]], default=str)


def test_a_message_of_no_part_is_one(api: ApiClient, acme: Tenant):
    row = held(acme)
    body = {"messages": [{"id": "1", "role": "assistant", "metadata": {"a": 1}, "parts": []}]}
    assert api.post(path_of(row, "format=ui"), body).status_code == 201
    [message] = Message.objects.filter(conversation=row)
    assert message.meta_data == {"a": 1, "ui_message_id": "1"}


@pytest.mark.wire("mielto", "store_transcript", "what a format does not know is kept, wherever it stands")
@pytest.mark.parametrize("format", SAMPLES)
def test_no_key_vanishes(api: ApiClient, acme: Tenant, format: str):
    body, planted = copy.deepcopy(SAMPLES[format]), dict[str, str]()
    for number, (path, each) in enumerate([*objects_in(body)]):
        planted[path] = each[f"x{number}"] = f"zq{number}qz"
    row = held(acme)
    answer = api.post(path_of(row, f"format={format}"), body)
    assert answer.status_code == 201, answer.content
    held_now = stored(row)
    assert [path for path, text in planted.items() if text not in held_now] == []
