"""What an export says of runs, parts and objects, checked before any of it is stored."""

import base64
import binascii
from typing import Annotated, Any, Self

from django.utils import timezone
from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from messaging.content import items_in, part_of
from messaging.content.runs import ModelSettings, ResponseFormat, RunUsage
from messaging.exceptions import InvalidValue
from messaging.services import ImportedObject
from messaging.services.feedback import NAME, GivenFeedback, columns_of
from messaging.services.objects import is_mime_type
from messaging.values.choices import ACTIVE, FeedbackType, RunStatus
from messaging.values.types import JSONObject, Moment, Text255

from .fields import Fields, is_own_id

FIRST_WITH_ITEMS = "seekrflow"
FIRST_ITEMS = frozenset({"input_text", "input_image", "input_file", "output_text", "output_guardrail"})
"""The one dialect that wrote items before a line named the dialect."""


class Ref(BaseModel):
    """What a message or part says of its object."""

    object_id: Text255
    size_bytes: int = Field(ge=0)
    mime_type: Text255
    sha256: str | None = None
    preview_text: str | None = None
    truncated: bool = False


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
        fields = self.model_dump(exclude={"id", "sha256", "data"}, exclude_none=True)
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


class FeedbackLine(BaseModel):
    """What somebody thinks of a message."""

    id: Text255 | None = None
    name: Text255 = NAME
    data_type: FeedbackType | None = None
    value: bool | float | str
    comment: str | None = None
    user_id: Text255 = ""
    created_by: Text255 | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None

    @model_validator(mode="after")
    def _holds_a_value(self) -> Self:
        try:
            columns_of(self.value, self.data_type)
        except InvalidValue as error:
            raise PydanticCustomError("value", "{reason}", {"reason": str(error)}) from None
        return self

    def given(self) -> GivenFeedback:
        """For the service that stores it."""
        created_at = self.created_at or self.updated_at or timezone.now()
        return GivenFeedback(
            id=self.id if is_own_id(self.id) else None,
            name=self.name,
            data_type=self.data_type,
            value=self.value,
            comment=self.comment,
            user_id=self.user_id,
            created_by=self.created_by,
            created_at=created_at,
            updated_at=self.updated_at or created_at,
        )


TextHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""As `Memory.text_hash`."""


class PartsAndObjects(BaseModel):
    """What belongs to a message and has rows of its own, and the fields that may name it."""

    parts: list[JSONObject] = Field(default_factory=list)
    objects: list[ObjectLine] = Field(default_factory=list)
    feedback: list[FeedbackLine] = Field(default_factory=list)
    dismissed_memories: list[TextHash] = Field(default_factory=list)
    structured_content: Any = None
    content_dialect: str | None = Field(None, max_length=32)

    @field_validator("objects", mode="before")
    @classmethod
    def _with_bytes(cls, value: Any) -> Any:
        """Those whose file was lost before the export have none."""
        if not isinstance(value, list):
            return value
        return [item for item in value if not isinstance(item, dict) or item.get("data") is not None]

    @field_validator("parts")
    @classmethod
    def _read(cls, value: list[JSONObject]) -> list[JSONObject]:
        """As they are stored: what no kind reads is data, and what a ref says of places stays out."""
        return [_part(part) for part in value]

    def dialect(self) -> str | None:
        """The dialect whose items these are. An older line does not name the one that wrote items then."""
        named = self.content_dialect or FIRST_WITH_ITEMS
        items = items_in(self.structured_content)
        is_foreign = named == FIRST_WITH_ITEMS and not all(item.type in FIRST_ITEMS for item in items)
        return named if items and not is_foreign else None


class RunLine(Fields):
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
        columns = self.model_dump(exclude={"id", "conversation_id"}) | {
            "status": self.status,
            "expires_at": self.expires_at or self.created_at,
        }
        if self.status in ACTIVE:
            columns |= {"status": RunStatus.FAILED, "failed_at": self.failed_at or columns["expires_at"]}
        return columns


def _part(given: JSONObject) -> JSONObject:
    kind = part_of(given)
    part, name = kind.stored(), f"{kind.payload}_ref"
    if part.get(name) is not None:
        part[name] = Ref.model_validate(part[name]).model_dump()
    return {"id": str(given.get("id")), **part}
