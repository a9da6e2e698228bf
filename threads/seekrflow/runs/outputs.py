"""What the operations on runs answer, under the vendor's component names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from messaging import models
from messaging.content.runs import RunUsage
from messaging.values.choices import ACTIVE
from messaging.values.types import JSONObject


class RunResponse(BaseModel):
    """A run that was just opened."""

    run_id: str
    thread_id: str
    status: str
    group: str | None = None


class RunCancelled(BaseModel):
    """A run that was cancelled: here, and only here, the vendor spells the word with one l."""

    status: Literal["canceled"] = "canceled"
    run_id: str


class Run(BaseModel):
    """An agent's turn in a thread."""

    id: str
    object: str = "thread.run"
    created_at: datetime
    agent_id: str
    thread_id: str
    status: Literal["queued", "running", "completed", "failed", "cancelled"]
    is_active: bool = Field(False, description="Whether it holds the thread")
    started_at: datetime | None = None
    expires_at: datetime | None = None
    cancelled_at: datetime | None = None
    failed_at: datetime | None = None
    completed_at: datetime | None = None
    model: str
    instructions: str | None = None
    tools: list[JSONObject] = Field(default_factory=list)
    meta_data: JSONObject = Field(default_factory=dict)
    usage: RunUsage | None = None
    temperature: float
    top_p: float
    max_completion_tokens: int | None = None
    truncation_strategy: JSONObject = Field(default_factory=dict)
    response_format: str | JSONObject = "auto"
    tool_choice: str | JSONObject = "auto"
    parallel_tool_calls: bool


SAME_NAMED = (
    "id",
    "created_at",
    "agent_id",
    "status",
    "started_at",
    "expires_at",
    "cancelled_at",
    "failed_at",
    "completed_at",
    "model",
    "instructions",
    "tools",
    "meta_data",
    "usage",
)
RUN_COLUMNS = (*SAME_NAMED, "conversation_id", "model_settings", "response_format")


def run_read(run: Mapping[str, Any] | models.Run) -> dict[str, Any]:
    """A Run from a row as read for a list, or from an instance."""
    row = run if isinstance(run, Mapping) else {name: getattr(run, name) for name in RUN_COLUMNS}
    return {
        "object": "thread.run",
        "thread_id": row["conversation_id"],
        **{name: row[name] for name in SAME_NAMED},
        "is_active": row["status"] in ACTIVE,
        "temperature": row["model_settings"].get("temperature", 1.0),
        "top_p": row["model_settings"].get("top_p", 1.0),
        "max_completion_tokens": row["model_settings"].get("max_tokens"),
        "truncation_strategy": {},
        "response_format": row["response_format"] or "auto",
        "tool_choice": "auto",
        "parallel_tool_calls": True,
    }
