"""The seven kinds of parts and the refs to what is kept outside them, under the vendor's component names."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from messaging.values.types import JSONObject


class PublicStoredObjectRef(BaseModel):
    """Where to get a large value: `GET /v1/objects/{object_id}`."""

    object_id: str
    size_bytes: int
    mime_type: str
    sha256: str | None = None
    preview_text: str | None = None
    truncated: bool = False


class StoredObjectRef(BaseModel):
    """The same with the place of the file, which never leaves the server."""

    object_id: str
    path: str | None = None
    size_bytes: int
    mime_type: str
    sha256: str | None = None
    preview_text: str | None = None
    truncated: bool = False


Ref = PublicStoredObjectRef | StoredObjectRef | None


class MessageTextPart(BaseModel):
    """Text."""

    id: str = Field(default_factory=str)
    type: Literal["text"]
    text: str
    metadata: JSONObject | None = None


class MessageReasoningPart(BaseModel):
    """What a model thought before it answered."""

    id: str = Field(default_factory=str)
    type: Literal["reasoning"]
    text: str
    metadata: JSONObject | None = None


class MessageFilePart(BaseModel):
    """A file or an image."""

    id: str = Field(default_factory=str)
    type: Literal["file"]
    file_id: str | None = None
    url: str | None = None
    mime_type: str | None = None
    detail: Literal["high", "low", "auto"] | None = None
    metadata: JSONObject | None = None


class MessageDataPart(BaseModel):
    """Structured data."""

    id: str = Field(default_factory=str)
    type: Literal["data"]
    data: Any | None = None
    data_ref: Ref = None
    data_type: str | None = None
    mime_type: str | None = None
    metadata: JSONObject | None = None


class MessageToolCallPart(BaseModel):
    """A call of a tool."""

    id: str = Field(default_factory=str)
    type: Literal["tool-call"]
    tool_name: str
    tool_call_id: str | None = None
    args: Any | None = None
    args_ref: Ref = None
    metadata: JSONObject | None = None


class MessageToolErrorPart(BaseModel):
    """A call whose input the tool refused."""

    id: str = Field(default_factory=str)
    type: Literal["tool-error"]
    tool_name: str
    tool_call_id: str | None = None
    input: Any | None = None
    input_ref: Ref = None
    mime_type: str | None = None
    error_text: str | None = None
    metadata: JSONObject | None = None


class MessageToolResultPart(BaseModel):
    """What a tool answered to a call."""

    id: str = Field(default_factory=str)
    type: Literal["tool-result"]
    tool_name: str
    tool_call_id: str | None = None
    output: Any | None = None
    output_ref: Ref = None
    mime_type: str | None = None
    is_error: bool = False
    error_text: str | None = None
    metadata: JSONObject | None = None


MessagePart = Annotated[
    MessageTextPart
    | MessageReasoningPart
    | MessageFilePart
    | MessageDataPart
    | MessageToolCallPart
    | MessageToolErrorPart
    | MessageToolResultPart,
    Field(discriminator="type"),
]
MessageParts = list[MessagePart]
