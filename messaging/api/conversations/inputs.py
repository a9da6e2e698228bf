"""What the conversation operations take."""

from typing import Any, Literal

from pydantic import Field

from messaging.api.messages.inputs import MessageCreateRequest, parts_in
from messaging.values.problems import Problem
from messaging.values.types import JSONObject, MetaData, Moment, SomeText255, Tags, Text255
from messaging.wire.shapes import Body

Status = Literal["active", "ended", "archived"]
OF_IS_PUBLIC = "Kept for your application, which decides what it means; Parley enforces nothing by it"
OF_COLLECTIONS = "IDs of collections of your own; kept and filtered by, and nothing is enforced by them"
OF_EXTERNAL_ID = "An id of your own, unique in the workspace"


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

    external_id: SomeText255 | None = Field(None, description=OF_EXTERNAL_ID)
    title: str | None = Field(None, max_length=255, description="Title, made up by the caller")
    summary: str | None = Field(None, description="What was said, in short")
    status: Status | None = Field(None, description="Status, active if not given")
    is_public: bool | None = Field(None, description=OF_IS_PUBLIC)
    collections: Tags | None = Field(None, description=OF_COLLECTIONS)
    meta_data: MetaData | None = Field(None, description="Additional metadata")
    settings: JSONObject | None = Field(None, description="Settings of the conversation")
    user_id: Text255 | None = Field(None, description="The end user whose conversation it is")
    owner_id: Text255 | None = Field(None, description="Its owner, the end user if not given")
    messages: list[MessageCreateRequest] | None = Field(None, description="First messages")

    @classmethod
    def explain(cls, problem: Problem, body: object) -> str | None:
        return parts_in(problem)

    def fields(self) -> dict[str, Any]:
        """The columns that were given a value."""
        return {name: value for name, value in self.given().items() if name != "messages"}


class ConversationFork(Body):
    """Up to which message a conversation is copied."""

    examples = {"Another way to go on, with all that was said": {"title": "Another answer"}}

    until: Text255 | None = Field(
        None, description="ID of the last message that the new conversation has; all of them if not given"
    )
    title: str | None = Field(
        None, max_length=255, description="Its title, that of the original if not given"
    )


class ConversationUpsert(Body):
    """The fields to change, or to open the conversation with. What is left out stays; null clears title,
    summary, user and end."""

    examples = {"Rename and end": {"title": "Sunday hours", "status": "ended"}}
    clearable = frozenset({"ended_at", "summary", "title", "user_id"})

    title: str | None = Field(None, max_length=255, description="Title")
    summary: str | None = Field(None, description="What was said, in short")
    status: Status | None = Field(None, description="Status; ending it notes the time")
    is_public: bool | None = Field(None, description=OF_IS_PUBLIC)
    collections: Tags | None = Field(None, description=OF_COLLECTIONS)
    meta_data: MetaData | None = Field(None, description="Additional metadata")
    settings: JSONObject | None = Field(None, description="Settings of the conversation")
    ended_at: Moment | None = Field(None, description="When it ended")
    user_id: Text255 | None = Field(None, description="The end user whose conversation it is")


class ConversationUpdate(ConversationUpsert):
    """The fields to change. What is left out stays; null clears title, summary, user, end and own id."""

    clearable = ConversationUpsert.clearable | {"external_id"}

    external_id: SomeText255 | None = Field(None, description=OF_EXTERNAL_ID)
