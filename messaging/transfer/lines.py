"""What an export says of runs, parts and objects, checked before any of it is stored."""

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from messaging.content.items import (
    InputFile,
    InputImage,
    InputText,
    OutputGuardrail,
    OutputText,
)
from messaging.content.parts import MessagePart
from messaging.content.runs import ModelSettings, ResponseFormat, RunUsage
from messaging.content.shapes import PAYLOAD
from messaging.services import ImportedObject
from messaging.services.objects import is_mime_type
from messaging.values.choices import ACTIVE, RunStatus
from messaging.values.types import JSONObject, Moment, Text255

__all__ = ["PartsAndObjects", "RunLine"]


class Ref(BaseModel):
    """What a message or part says of its object."""

    object_id: Text255
    size_bytes: int = Field(ge=0)
    mime_type: Text255
    sha256: str | None = None
    preview_text: str | None = None
    truncated: bool = False


class ImageRef(Ref):
    """The same of an image, with what its base64 text stood behind."""

    prefix: str


class StoredImage(BaseModel):
    """An image that is kept outside its message."""

    type: Literal["input_image"]
    detail: Literal["high", "low", "auto"]
    image_url_ref: ImageRef


STORED_IMAGE: TypeAdapter[Any] = TypeAdapter(StoredImage)
ITEM: TypeAdapter[Any] = TypeAdapter(
    Annotated[InputText | InputImage | InputFile | OutputText | OutputGuardrail, Field(discriminator="type")]
)


class ObjectLine(BaseModel):
    """A stored object with its bytes."""

    id: Text255
    mime_type: Text255
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size_bytes: int = Field(ge=0)
    preview_text: str | None = None
    truncated: bool = False
    created_at: Moment | None = None
    data: bytes
    """base64 in JSON."""

    def imported(self) -> ImportedObject:
        """For the service that stores it."""
        named = ("mime_type", "size_bytes", "preview_text", "truncated")
        fields = {name: getattr(self, name) for name in named}
        fields |= {"created_at": self.created_at} if self.created_at else {}
        return ImportedObject(id=self.id, fields=fields, content=self.data)

    @field_validator("mime_type")
    @classmethod
    def _fits_a_header(cls, value: str) -> str:
        if not is_mime_type(value):
            raise PydanticCustomError("mime_type", "Not a mime type")
        return value

    @field_validator("data", mode="before")
    @classmethod
    def _decoded(cls, value: Any, info: ValidationInfo) -> bytes:
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise PydanticCustomError("base64", "Not base64") from None
        if len(content) != info.data.get("size_bytes", len(content)):
            raise PydanticCustomError("size_bytes", "Not as many bytes as size_bytes says")
        return content


class PartsAndObjects(BaseModel):
    """What belongs to a message and has rows of its own, and the fields that may name it."""

    parts: list[MessagePart] = Field(default_factory=list)
    objects: list[ObjectLine] = Field(default_factory=list)
    structured_content: list[JSONObject] | None = None

    @field_validator("objects", mode="before")
    @classmethod
    def _with_bytes(cls, value: Any) -> Any:
        """Those whose file was lost before the export have none."""
        if not isinstance(value, list):
            return value
        return [item for item in value if not isinstance(item, dict) or item.get("data") is not None]

    @field_validator("structured_content")
    @classmethod
    def _of_items(cls, value: list[JSONObject] | None) -> list[JSONObject] | None:
        for item in value or ():
            (STORED_IMAGE if "image_url_ref" in item else ITEM).validate_python(item)
        return value

    def part_dicts(self) -> list[dict[str, Any]]:
        """The parts with their ids and refs, as a draft carries them."""
        return [_part(part) for part in self.parts]

    def imported_objects(self) -> list[ImportedObject]:
        """The objects with their bytes."""
        return [stored.imported() for stored in self.objects]


class RunLine(BaseModel):
    """A run. One that was active at its export has failed: the agent that held the thread is not here."""

    id: Text255
    conversation_id: Text255
    agent_id: Text255
    status: RunStatus = RunStatus.COMPLETED
    group: str | None = None
    model: str = ""
    instructions: str | None = None
    tools: list[JSONObject] = Field(default_factory=list)
    meta_data: JSONObject = Field(default_factory=dict)
    usage: RunUsage | None = None
    model_settings: ModelSettings = Field(default_factory=ModelSettings)
    response_format: ResponseFormat | None = None
    created_at: Moment
    started_at: Moment | None = None
    expires_at: Moment | None = None
    cancelled_at: Moment | None = None
    failed_at: Moment | None = None
    completed_at: Moment | None = None

    def columns(self) -> dict[str, Any]:
        """Columns of Run."""
        found = self.model_dump(exclude={"id", "conversation_id"}) | {
            "status": self.status,
            "expires_at": self.expires_at or self.created_at,
        }
        if self.status in ACTIVE:
            found |= {"status": RunStatus.FAILED, "failed_at": self.failed_at or found["expires_at"]}
        return found


def _part(part: MessagePart) -> dict[str, Any]:
    """The part as it is stored: what a ref says of places stays out."""
    found = part.model_dump()
    name = f"{PAYLOAD.get(part.type)}_ref"
    if found.get(name):
        found[name].pop("path", None)
    return found
