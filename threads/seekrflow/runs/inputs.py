"""What the operations on runs take, under the vendor's component names where it has them."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from messaging.content.runs import ModelSettings, ResponseFormat, RunUsage
from messaging.services import MessageDraft
from messaging.values.types import JSONObject, MetaData, Text255
from messaging.wire.shapes import Body
from threads.seekrflow.messages.inputs import SUPERSEDES, ClientId, content_fields
from threads.seekrflow.messages.items import OutputItems
from threads.seekrflow.parts.outputs import MessageParts


class RunRequest(Body):
    """A run to open."""

    examples = {"A run of your agent": {"agent_id": "support-agent", "metadata": {"release": "7"}}}

    agent_id: Text255 = Field("default_agent", description="`default_agent` if not given")
    model_settings: ModelSettings = Field(default_factory=ModelSettings)
    response_format: ResponseFormat | None = None
    group: str | None = Field(
        "default_group", description="Label that runs have in common, `default_group` if not given"
    )
    metadata: dict[str, str] | None = Field(None, description="Becomes `meta_data` of the run")

    def fields(self) -> dict[str, Any]:
        """Columns of Run."""
        return self.model_dump(exclude={"metadata"}) | {"meta_data": self.metadata or {}}


class RunUpdate(Body):
    """What the agent runtime has to say of its run. What is left out or null stays."""

    examples = {
        "End the run": {
            "status": "completed",
            "usage": {"prompt_tokens": 310, "completion_tokens": 42, "total_tokens": 352},
        }
    }

    status: Literal["running", "completed", "failed", "cancelled"] | None = Field(
        None, description="All but `running` end the run and unlock the thread"
    )
    usage: RunUsage | None = None
    model: str | None = Field(None, description="The model that was asked")
    instructions: str | None = None
    tools: list[JSONObject] | None = Field(None, description="The tools that the model was given")
    meta_data: JSONObject | None = Field(None, description="Keys to add to the metadata, or to overwrite")

    def changes(self) -> dict[str, Any]:
        given = self.model_dump(exclude={"status"}, exclude_none=True)
        return given | ({"tools": self.tools} if self.tools is not None else {})


class RunMessageRequest(ClientId):
    """What an agent says, does or was answered by a tool. Without `content` the parts say it all."""

    examples = {
        "Text": {"role": "assistant", "content": "Let me look."},
        "A tool call": {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "text": "The number is given, so the order can be found."},
                {
                    "type": "tool-call",
                    "tool_name": "find_order",
                    "tool_call_id": "call_1",
                    "args": {"number": 1042},
                },
            ],
        },
        "Its result": {
            "role": "tool",
            "parts": [
                {
                    "type": "tool-result",
                    "tool_name": "find_order",
                    "tool_call_id": "call_1",
                    "output": {"status": "shipped"},
                }
            ],
        },
    }

    role: Literal["assistant", "tool"]
    content: str | OutputItems | None = None
    parts: MessageParts | None = None
    meta_data: MetaData = Field(default_factory=dict)
    supersedes: Text255 | None = Field(None, description=SUPERSEDES)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.content is None and not self.parts:
            raise PydanticCustomError("missing", "Give content, parts, or both")
        return self

    def draft(self) -> MessageDraft:
        return MessageDraft(
            role=self.role,
            meta_data=self.meta_data,
            parts=[part.model_dump() for part in self.parts or ()],
            supersedes=self.supersedes,
            **content_fields(self.content),
        )
