"""What the operations on threads take, under the vendor's component names."""

from typing import Any

from pydantic import Field

from messaging.models import Conversation
from messaging.values.types import JSONObject
from messaging.wire.shapes import Body
from threads.openai.messages.inputs import CreateMessageRequest
from threads.openai.metadata import Metadata, replaced_metadata

TOOL_RESOURCES = "tool_resources"
"""The setting of a conversation that keeps what the vendor's tools may use."""


class CreateThreadRequest(Body):
    """A thread to open, with its first messages if there are any."""

    examples = {"A thread": {"messages": [{"role": "user", "content": "Where is order 1042?"}]}}

    messages: list[CreateMessageRequest] | None = None
    metadata: Metadata | None = None
    tool_resources: JSONObject | None = Field(None, description="Kept as given")

    def fields(self) -> dict[str, Any]:
        """Columns of Conversation."""
        resources = {} if self.tool_resources is None else {TOOL_RESOURCES: self.tool_resources}
        return {"meta_data": self.metadata or {}, "settings": resources}


class ModifyThreadRequest(Body):
    """What to change. What is left out stays; null empties."""

    examples = {"Other metadata": {"metadata": {"topic": "returns"}}}
    clearable = frozenset({"metadata", TOOL_RESOURCES})

    metadata: Metadata | None = Field(None, description="Takes the place of what there is")
    tool_resources: JSONObject | None = None

    def changes(self, row: Conversation) -> dict[str, Any]:
        """The columns of this conversation that get new values."""
        given, values = self.given(), dict[str, Any]()
        if "metadata" in given:
            values["meta_data"] = replaced_metadata(row.meta_data, self.metadata)
        if TOOL_RESOURCES in given:
            values["settings"] = {**row.settings, TOOL_RESOURCES: self.tool_resources}
        return values
