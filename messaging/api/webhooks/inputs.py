"""What the webhook operations take."""

from typing import Annotated, Any, Literal

from pydantic import Field

from messaging.values.choices import ChangeKind, WebhookState
from messaging.values.types import Text255
from messaging.wire.shapes import Body

Url = Annotated[
    str, Field(min_length=1, description="Where changes are posted: an https URL at a public address")
]
Types = list[ChangeKind]
OF_TYPES = "The types of changes that are sent; an empty list for all"
OF_CONVERSATION = "Send the changes of this conversation alone"
OF_INCLUDE = "`messages` adds the messages that a change names, where they are few and small"
OF_DESCRIPTION = "What it is for, for people"


class WebhookCreate(Body):
    """A webhook to make."""

    examples = {
        "Every change": {"url": "https://example.com/parley"},
        "New messages, with their text": {
            "url": "https://example.com/parley",
            "types": ["messages.created"],
            "include": "messages",
        },
    }

    url: Url
    description: Text255 = Field("", description=f"{OF_DESCRIPTION}; empty if not given")
    types: Types = Field([], description=f"{OF_TYPES}, as if not given")
    conversation_id: str | None = Field(None, description=OF_CONVERSATION)
    include: Literal["", "messages"] = Field("", description=OF_INCLUDE)


class WebhookUpdate(Body):
    """The fields to change. What is left out stays; null clears only `conversation_id`."""

    examples = {"Pause": {"paused": True}, "Resume": {"paused": False}}
    clearable = frozenset({"conversation_id"})

    url: Url | None = None
    description: Text255 | None = Field(None, description=OF_DESCRIPTION)
    types: Types | None = Field(None, description=OF_TYPES)
    conversation_id: str | None = Field(None, description=OF_CONVERSATION)
    include: Literal["", "messages"] | None = Field(None, description=OF_INCLUDE)
    paused: bool | None = Field(
        None, description="Whether nothing is sent; false also resumes one that was disabled"
    )

    def changes(self) -> dict[str, Any]:
        """The columns to change."""
        values = self.given()
        paused = values.pop("paused", None)
        if paused is not None:
            values["state"] = WebhookState.PAUSED if paused else WebhookState.ACTIVE
        return values


class SecretRotate(Body):
    """How long the former secret stays valid."""

    examples = {"The former one is of no use any more": {"overlap_seconds": 0}}

    overlap_seconds: int = Field(
        86_400,
        ge=0,
        le=2_592_000,
        description="For so long each delivery carries the former signature too; a day if not given",
    )


class WebhookReplay(Body):
    """From where changes are sent again."""

    examples = {"All that the store keeps": {}}

    after: str | None = Field(
        None,
        description="`id` of a change, or the `position` of a webhook: what follows is sent. All that the"
        " store keeps if not given",
    )
