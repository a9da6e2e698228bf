"""What the conversation operations take."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from messaging.api.messages.inputs import MessageCreateRequest, within_batch
from messaging.values.types import JSONObject, Moment, Text255
from messaging.wire.shapes import Body

Status = Literal["active", "ended", "archived"]


class ConversationCreate(Body):
    """A conversation to open, with its first messages if there are any."""

    examples = {
        "Empty": {"title": "Opening hours", "user_id": "customer-7"},
        "With its first messages": {
            "title": "Opening hours",
            "user_id": "customer-7",
            "messages": [
                {"role": "user", "content": "Are you open on Sunday?"},
                {"role": "assistant", "content": "Yes, from ten to four."},
            ],
        },
    }

    title: str | None = Field(None, max_length=255, description="Title, made up by the caller")
    summary: str | None = Field(None, description="What was said, in short")
    status: Status | None = Field(None, description="Status, active if not given")
    is_public: bool | None = Field(None, description="Whether others than its owner may see it")
    collections: list[str] | None = Field(None, description="IDs of the collections it belongs to")
    meta_data: JSONObject | None = Field(None, description="Additional metadata")
    settings: JSONObject | None = Field(None, description="Settings of the conversation")
    user_id: Text255 | None = Field(None, description="The end user whose conversation it is")
    owner_id: Text255 | None = Field(None, description="Its owner, the end user if not given")
    messages: Annotated[list[MessageCreateRequest], AfterValidator(within_batch)] | None = Field(
        None, description="First messages"
    )

    def fields(self) -> dict[str, Any]:
        """The columns that were given a value."""
        return {name: value for name, value in self.given().items() if name != "messages"}


class ConversationUpdate(Body):
    """The fields to change. What is left out stays; null clears title, summary, user and end."""

    examples = {"Rename and end": {"title": "Sunday hours", "status": "ended"}}
    clearable = frozenset({"ended_at", "summary", "title", "user_id"})

    title: str | None = Field(None, max_length=255, description="Title")
    summary: str | None = Field(None, description="What was said, in short")
    status: Status | None = Field(None, description="Status; ending it notes the time")
    is_public: bool | None = Field(None, description="Whether others than its owner may see it")
    collections: list[str] | None = Field(None, description="IDs of the collections it belongs to")
    meta_data: JSONObject | None = Field(None, description="Additional metadata")
    settings: JSONObject | None = Field(None, description="Settings of the conversation")
    ended_at: Moment | None = Field(None, description="When it ended")
    user_id: Text255 | None = Field(None, description="The end user whose conversation it is")
