"""What the operations on messages take, under the vendor's component names."""

from typing import Any, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from messaging.models import Message
from messaging.services import MessageDraft
from messaging.values.documents import AS_PUBLISHED
from messaging.values.problems import Problem
from messaging.values.text import text_problem
from messaging.values.types import MetaData, Text255
from messaging.wire.shapes import Body
from threads.seekrflow.dialect import SEEKRFLOW

from .items import InputItems, as_sent

MAX_ID_LENGTH = 255
SUPERSEDES = "The message whose place this one takes, and that of all behind it"
BARE = 'One message is the body here: {"role": "user", "content": "Hello"}'
OF_A_RUN = (
    "What an assistant says comes in through a run: POST /v1/threads/{thread_id}/runs, "
    "then POST /v1/threads/{thread_id}/runs/{run_id}/messages"
)
CHAT_PARTS = (
    "What OpenAI's chat completions call `text` and `image_url` is `input_text` and `input_image` here"
)


def content_fields(content: object) -> dict[str, Any]:
    """The fields of a draft that hold a text, or items as they were sent."""
    if isinstance(content, list):
        return {"structured_content": as_sent(content), "content_dialect": SEEKRFLOW.name}
    return {"content": content}


class ClientId(Body):
    """Base of the requests in which the vendor's client sends an `id` of its own, new for each message."""

    # Not documented by the vendor, so whatever else stands there is ignored, as unknown keys are.
    id: SkipJsonSchema[Any] = None

    def client_id(self) -> str | None:
        """The id by which a repeated request is known; None where there is none that could serve."""
        usable = isinstance(self.id, str) and 1 <= len(self.id) <= MAX_ID_LENGTH and not text_problem(self.id)
        return self.id if usable else None


class ThreadMessageRequest(ClientId):
    """A message to store in a thread."""

    model_config = AS_PUBLISHED

    examples = {
        "Text": {"role": "user", "content": "Where is order 1042?", "meta_data": {"channel": "web"}},
        "Text and an image": {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "What is in this picture?"},
                {"type": "input_image", "detail": "auto", "image_url": "https://example.com/parcel.png"},
            ],
        },
    }

    role: Literal["user", "system", "tool"]
    content: str | InputItems
    meta_data: MetaData = Field(default_factory=dict)
    supersedes: Text255 | None = Field(None, description=SUPERSEDES)

    @classmethod
    def explain(cls, problem: Problem, body: object) -> str | None:
        if isinstance(body, list) or (isinstance(body, dict) and isinstance(body.get("content"), dict)):
            return BARE
        if problem["loc"][-1] == "role" and problem.get("input") == "assistant":
            return OF_A_RUN
        return CHAT_PARTS if problem["type"] == "union_tag_invalid" else None

    def draft(self) -> MessageDraft:
        return MessageDraft(
            role=self.role,
            meta_data=self.meta_data,
            supersedes=self.supersedes,
            **content_fields(self.content),
        )


class MessageUpdateRequest(Body):
    """What to change. Null and empty values change nothing."""

    examples = {"Correct the text": {"content": "Where is order 1043?", "meta_data": {"corrected": True}}}

    content: str | None = Field(None, description="Text that takes the place of the content")
    meta_data: MetaData | None = Field(None, description="Keys to add to the metadata, or to overwrite")

    def changes(self, row: Message) -> dict[str, Any]:
        """The columns of this message that get new values."""
        values: dict[str, Any] = {} if self.content is None else {"content": self.content}
        if values and row.structured_content is not None:  # a text, even if it reads as the items do
            values |= {"structured_content": None, "content_dialect": None, "attachments": None}
        if self.meta_data:
            values["meta_data"] = {**(row.meta_data or {}), **self.meta_data}
        return values
