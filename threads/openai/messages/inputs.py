"""What the operations on messages take, under the vendor's component names."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from messaging.content.responses import fields_of_item
from messaging.models import Message
from messaging.services import MessageDraft
from messaging.values.types import JSONObject
from messaging.wire.shapes import Body
from threads.openai.either import EITHER, OTHER, TEXT
from threads.openai.metadata import Metadata, replaced_metadata

from .outputs import ThreadMessageRole


class ImageUrl(BaseModel):
    """Where an image is."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImageFile(BaseModel):
    """Which file an image is."""

    file_id: str
    detail: Literal["auto", "low", "high"] = "auto"


class MessageRequestContentTextObject(BaseModel):
    """Text of a message."""

    type: Literal["text"]
    text: str

    def item(self, role: str) -> JSONObject:
        """The same as contents of every wire have it."""
        if role == "assistant":
            return {"type": "output_text", "text": self.text, "annotations": []}
        return {"type": "input_text", "text": self.text}


class MessageContentImageUrlObject(BaseModel):
    """An image of a message, by its URL."""

    type: Literal["image_url"]
    image_url: ImageUrl

    def item(self, role: str) -> JSONObject:
        """The same as contents of every wire have it."""
        return {"type": "input_image", "detail": self.image_url.detail, "image_url": self.image_url.url}


class MessageContentImageFileObject(BaseModel):
    """An image of a message, by the id of its file."""

    type: Literal["image_file"]
    image_file: ImageFile

    def item(self, role: str) -> JSONObject:
        """The same as contents of every wire have it."""
        return {"type": "input_image", "detail": self.image_file.detail, "file_id": self.image_file.file_id}


ContentPart = Annotated[
    MessageRequestContentTextObject | MessageContentImageUrlObject | MessageContentImageFileObject,
    Field(discriminator="type"),
]


Content = Annotated[Annotated[str, TEXT] | Annotated[list[ContentPart], Field(min_length=1), OTHER], EITHER]


class Attachment(BaseModel):
    """A file of a message, and the tools that may use it."""

    file_id: str
    tools: list[JSONObject] = Field(default_factory=list)


class CreateMessageRequest(Body):
    """A message to store in a thread."""

    examples = {"Text": {"role": "user", "content": "Where is order 1042?"}}
    part_lists = ("content", "attachments")

    role: ThreadMessageRole
    content: Content
    attachments: list[Attachment] | None = None
    metadata: Metadata | None = None

    def item(self) -> JSONObject:
        """The message as contents of every wire have it."""
        given = self.content
        if isinstance(given, str):
            given = [MessageRequestContentTextObject(type="text", text=given)] if given else []
        files = [{"type": "input_file", "file_id": each.file_id} for each in self.attachments or []]
        content = [*(part.item(self.role) for part in given), *files]
        return {"type": "message", "role": self.role, "content": content}

    def draft(self) -> MessageDraft:
        """The message to store."""
        files = [attachment.model_dump() for attachment in self.attachments or []]
        fields: dict[str, Any] = {"role": self.role, "meta_data": self.metadata or {}}
        if isinstance(self.content, str) and not files:
            return MessageDraft(content=self.content, **fields)
        return MessageDraft(**fields_of_item(self.item()) | fields, attachments=files or None)


class ModifyMessageRequest(Body):
    """What to change. What is left out stays; null empties."""

    examples = {"Other metadata": {"metadata": {"seen": "yes"}}}
    clearable = frozenset({"metadata"})

    metadata: Metadata | None = Field(None, description="Takes the place of what there is")

    def changes(self, row: Message) -> dict[str, Any]:
        """The columns of this message that get new values."""
        if "metadata" not in self.given():
            return {}
        return {"meta_data": replaced_metadata(row.meta_data, self.metadata)}
