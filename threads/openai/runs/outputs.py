"""What the operations on runs answer, under the vendor's component names."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from messaging.sql.rows import JSONRow
from messaging.values.choices import RunStatus
from messaging.values.types import JSONObject
from messaging.wire.shapes import Answer, Read
from threads.openai.metadata import shown_metadata

STATUSES = {
    RunStatus.QUEUED: "queued",
    RunStatus.RUNNING: "in_progress",
    RunStatus.COMPLETED: "completed",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
}
WAITS = "requires_action"


class RunRow(Read):
    """A run, read for what the vendor shows of it."""

    parse = json.loads

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        times = ("created_at", "started_at", "expires_at", "cancelled_at", "failed_at", "completed_at")
        asked = ("model", "instructions", "tools", "meta_data", "usage", "model_settings", "response_format")
        return ("id", "conversation_id", "agent_id", "status", *times, *asked)


class RunObject(Answer):
    """An agent's turn in a thread."""

    id: str
    object: Literal["thread.run"] = "thread.run"
    created_at: int
    thread_id: str
    assistant_id: str
    status: Literal["queued", "in_progress", "requires_action", "cancelled", "failed", "completed"]
    required_action: JSONObject | None
    last_error: JSONObject | None
    expires_at: int | None
    started_at: int | None
    cancelled_at: int | None
    failed_at: int | None
    completed_at: int | None
    incomplete_details: JSONObject | None
    model: str
    instructions: str
    tools: list[JSONObject]
    metadata: dict[str, str]
    usage: JSONObject | None
    temperature: float | None
    top_p: float | None
    max_prompt_tokens: int | None
    max_completion_tokens: int | None
    truncation_strategy: JSONObject
    tool_choice: str | JSONObject
    parallel_tool_calls: bool
    response_format: str | JSONObject


class ListRunsResponse(Answer):
    """A page of runs."""

    object: Literal["list"] = "list"
    data: list[RunObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


class RunStepObject(Answer):
    """What a run did: it wrote a message, or it called tools."""

    id: str
    object: Literal["thread.run.step"] = "thread.run.step"
    created_at: int
    run_id: str
    assistant_id: str
    thread_id: str
    type: Literal["message_creation", "tool_calls"]
    status: Literal["in_progress", "completed"]
    cancelled_at: int | None
    completed_at: int | None
    expired_at: int | None
    failed_at: int | None
    last_error: JSONObject | None
    step_details: JSONObject
    usage: JSONObject | None
    metadata: dict[str, str]


class ListRunStepsResponse(Answer):
    """A page of steps."""

    object: Literal["list"] = "list"
    data: list[RunStepObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


def run_object(row: JSONRow, waiting: Sequence[JSONObject]) -> JSONObject:
    """The RunObject of a row; `waiting` are the calls that nothing has answered yet, as items."""
    settings: Mapping[str, Any] = row["model_settings"] or {}
    calls = [
        {"id": call["call_id"], "type": "function", "function": {name: call[name] for name in FUNCTION}}
        for call in waiting
    ]
    action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": calls}}
    ended = {name: row[name] for name in ("cancelled_at", "failed_at", "completed_at")}
    return {
        "id": row["id"],
        "object": "thread.run",
        "created_at": row["created_at"],
        "thread_id": row["conversation_id"],
        "assistant_id": row["agent_id"],
        "status": WAITS if calls else STATUSES[row["status"]],
        "required_action": action if calls else None,
        "last_error": {"code": "server_error", "message": "The run failed"} if row["failed_at"] else None,
        "expires_at": None if any(ended.values()) else row["expires_at"],
        "started_at": row["started_at"],
        **ended,
        "incomplete_details": None,
        "model": row["model"],
        "instructions": row["instructions"] or "",
        "tools": row["tools"],
        "metadata": shown_metadata(row["meta_data"]),
        "usage": row["usage"],
        "temperature": settings.get("temperature"),
        "top_p": settings.get("top_p"),
        "max_prompt_tokens": settings.get("max_prompt_tokens"),
        "max_completion_tokens": settings.get("max_tokens"),
        "truncation_strategy": settings.get("truncation_strategy") or {"type": "auto", "last_messages": None},
        "tool_choice": settings.get("tool_choice") or "auto",
        "parallel_tool_calls": settings.get("parallel_tool_calls", True),
        "response_format": row["response_format"] or "auto",
    }


FUNCTION = ("name", "arguments")
