"""What the operations on runs take, under the vendor's component names."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from messaging.exceptions import InvalidValue
from messaging.services import MessageDraft
from messaging.values.types import JSONObject, Text255
from messaging.wire.shapes import Body
from threads.openai.either import TextOrObject
from threads.openai.messages.inputs import CreateMessageRequest
from threads.openai.metadata import Metadata
from threads.openai.threads.inputs import CreateThreadRequest

MODEL_SETTINGS = ("temperature", "top_p", "max_prompt_tokens", "truncation_strategy", "tool_choice")
FLAGS = ("parallel_tool_calls",)


class _Asked(Body):
    """How a run is asked for."""

    assistant_id: Text255
    model: str | None = None
    instructions: str | None = None
    tools: list[JSONObject] | None = None
    metadata: Metadata | None = None
    temperature: float | None = Field(None, ge=0.0, le=2.0)
    top_p: float | None = Field(None, ge=0.0, le=1.0)
    max_prompt_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    truncation_strategy: JSONObject | None = None
    tool_choice: TextOrObject | None = None
    parallel_tool_calls: bool | None = None
    response_format: TextOrObject | None = None
    stream: bool | None = Field(None, description="Not at this wire: SeekrFlow's streams a run")

    def run(self) -> dict[str, Any]:
        """Columns of Run. Raises InvalidValue."""
        if self.stream:
            raise InvalidValue(("body", "stream"), "A run is streamed by POST /v1/threads/{id}/runs/stream")
        asked = {name: getattr(self, name) for name in (*MODEL_SETTINGS, *FLAGS)}
        settings = {name: value for name, value in asked.items() if value is not None}
        if self.max_completion_tokens is not None:
            settings["max_tokens"] = self.max_completion_tokens
        return {
            "agent_id": self.assistant_id,
            "model": self.model or "",
            "instructions": self.instructions,
            "tools": self.tools or [],
            "meta_data": self.metadata or {},
            "model_settings": settings,
            "response_format": self.response_format,
        }


class CreateRunRequest(_Asked):
    """A run to open."""

    examples = {"A run of your agent": {"assistant_id": "support-agent"}}

    additional_instructions: str | None = Field(None, description="Added to the instructions")
    additional_messages: list[CreateMessageRequest] | None = Field(
        None, description="Stored at the end of the thread, before the run opens"
    )

    def run(self) -> dict[str, Any]:
        texts = [text for text in (self.instructions, self.additional_instructions) if text]
        return super().run() | {"instructions": "\n".join(texts) or None}


class CreateThreadAndRunRequest(_Asked):
    """A thread to open, and a run in it."""

    examples = {
        "A question": {
            "assistant_id": "support-agent",
            "thread": {"messages": [{"role": "user", "content": "Where is order 1042?"}]},
        }
    }

    thread: CreateThreadRequest | None = None


class ModifyRunRequest(Body):
    """Metadata to add to that of the run, or to overwrite."""

    examples = {"Metadata": {"metadata": {"release": "8"}}}

    metadata: Metadata | None = None


class ToolOutput(Body):
    """What a tool answered to a call."""

    tool_call_id: str
    output: str = ""


class SubmitToolOutputsRunRequest(Body):
    """What the tools answered to every call that waits."""

    examples = {"An answer": {"tool_outputs": [{"tool_call_id": "call_1", "output": "shipped"}]}}

    tool_outputs: list[ToolOutput]
    stream: bool | None = Field(None, description="Not at this wire")

    def drafts(self, waiting: Mapping[str, str]) -> list[MessageDraft]:
        """A message for each answer, given the names of the functions by the ids of their calls.

        Raises InvalidValue for others than those that wait, and where one of these is missing.
        """
        given = [each.tool_call_id for each in self.tool_outputs]
        if sorted(given) != sorted(waiting):
            expected = ", ".join(waiting) or "none"
            message = f"Expected tool outputs for the calls that wait, each once: {expected}"
            raise InvalidValue(("body", "tool_outputs"), message)
        return [
            MessageDraft(
                role="tool",
                parts=[
                    {
                        "type": "tool-result",
                        "tool_name": waiting[each.tool_call_id],
                        "tool_call_id": each.tool_call_id,
                        "output": each.output,
                    }
                ],
            )
            for each in self.tool_outputs
        ]
