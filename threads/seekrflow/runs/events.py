"""What a run writes, as the events of the vendor's stream: those of a Vercel UI message stream.

The vendor's client takes lines of data and blank lines, no others, and breaks lines at characters beyond
ASCII.
"""

import json
from collections.abc import Callable, Iterable, Iterator

from messaging.content import Part
from messaging.models import Run
from messaging.values.choices import RunStatus
from messaging.values.types import JSONObject

Events = Iterator[JSONObject]

DONE = b"data: [DONE]\n\n"
SILENCE = b"\n"
"""A blank line: it keeps the connection, and clients see no event."""


def written(events: Iterable[JSONObject]) -> bytes:
    """The events as bytes of the stream."""
    return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)


def opening(run: Run) -> Events:
    """What a stream begins with: which run it is of, and whose."""
    yield {"type": "start", "messageId": run.pk, "messageMetadata": {"metadata": {"agent_id": run.agent_id}}}


def events_of(parts: Iterable[Part]) -> Events:
    """A message of the run, whose text comes in one piece."""
    yield {"type": "start-step"}
    for part in parts:
        yield from EVENTS[part["type"]](part)
    yield {"type": "finish-step"}


def ending(status: str) -> Events:
    """What a stream ends with, in front of DONE."""
    if status == RunStatus.FAILED:
        yield {"type": "error", "errorText": "The run failed"}
    yield {"type": "finish", "messageMetadata": {"status": status}}


def _text(part: Part) -> Events:
    kind, name = part["type"], {"id": part["id"]}
    yield {"type": f"{kind}-start", **name}
    yield {"type": f"{kind}-delta", **name, "delta": part["text"]}
    yield {"type": f"{kind}-end", **name}


def _file(part: Part) -> Events:
    yield {"type": "file", "url": part["url"] or part["file_id"], "mediaType": part["mime_type"]}


def _data(part: Part) -> Events:
    yield {"type": f"data-{part['data_type'] or 'data'}", "id": part["id"], "data": _payload(part, "data")}


def _call(part: Part) -> Events:
    named = {"toolCallId": part["tool_call_id"] or part["id"], "toolName": part["tool_name"]}
    yield {"type": "tool-input-start", **named}
    yield {"type": "tool-input-available", **named, "input": _payload(part, "args")}


def _result(part: Part) -> Events:
    call_id, output = part["tool_call_id"] or part["id"], _payload(part, "output")
    if part["is_error"]:
        text = part["error_text"] or (output if isinstance(output, str) else json.dumps(output))
        yield {"type": "tool-output-error", "toolCallId": call_id, "errorText": text}
    else:
        yield {"type": "tool-output-available", "toolCallId": call_id, "output": output}


def _error(part: Part) -> Events:
    call_id = part["tool_call_id"] or part["id"]
    yield {"type": "tool-output-error", "toolCallId": call_id, "errorText": part["error_text"] or ""}


def _payload(part: Part, name: str) -> object:
    """The value, or the ref to where it is kept."""
    ref: object = part.get(f"{name}_ref")
    return ref or part[name]


EVENTS: dict[str, Callable[[Part], Events]] = {
    "text": _text,
    "reasoning": _text,
    "file": _file,
    "data": _data,
    "tool-call": _call,
    "tool-result": _result,
    "tool-error": _error,
}
