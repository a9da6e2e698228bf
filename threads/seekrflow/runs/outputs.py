"""What the operations on runs answer, under the vendor's component names."""

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from messaging import models
from messaging.content.runs import RunUsage
from messaging.sql.rows import JSONRow
from messaging.values.choices import ACTIVE
from messaging.values.types import JSONObject
from messaging.wire.shapes import Answer, Read


class RunResponse(Answer):
    """A run that was just opened."""

    run_id: str
    thread_id: str
    status: str
    group: str | None = None


class RunCancelled(Answer):
    """A run that was cancelled: here, and only here, the vendor spells the word with one l."""

    status: Literal["canceled"] = "canceled"
    run_id: str


class Run(Read):
    """An agent's turn in a thread."""

    parse = json.loads

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

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The fields of the same names, and what the others are made of."""
        stored = {field.attname for field in models.Run._meta.concrete_fields}
        return (*(name for name in cls.model_fields if name in stored), "conversation_id", "model_settings")

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        settings = values["model_settings"]
        made = {
            "object": "thread.run",
            "thread_id": values["conversation_id"],
            "is_active": values["status"] in ACTIVE,
            "temperature": settings.get("temperature", 1.0),
            "top_p": settings.get("top_p", 1.0),
            "max_completion_tokens": settings.get("max_tokens"),
            "truncation_strategy": {},
            "response_format": values["response_format"] or "auto",
            "tool_choice": "auto",
            "parallel_tool_calls": True,
        }
        return {name: made[name] if name in made else values[name] for name in cls.model_fields}
