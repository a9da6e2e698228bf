"""The items that contents are made of, under the vendor's component names.

Names and order of the classes show in the errors of unions: they are part of the wire.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from messaging.values.types import JSONObject


class InputText(BaseModel):
    """Text for the model."""

    text: str
    type: Literal["input_text"]


class InputImage(BaseModel):
    """An image for the model, by the id of a file or by URL, which may be a data URL."""

    detail: Literal["high", "low", "auto"]
    type: Literal["input_image"]
    file_id: str | None = None
    image_url: str | None = None


class InputFile(BaseModel):
    """A file for the model."""

    type: Literal["input_file"]
    file_id: str


class OutputText(BaseModel):
    """Text of the model."""

    text: str
    type: Literal["output_text"]
    annotations: list[str]


class OutputGuardrail(BaseModel):
    """Text of the model, and what guardrails found in it."""

    type: Literal["output_guardrail"]
    text: str
    guardrail: list[JSONObject]


InputItems = list[Annotated[InputText | InputImage | InputFile, Field(discriminator="type")]]
OutputItems = list[Annotated[OutputText | OutputGuardrail, Field(discriminator="type")]]


def as_sent(items: Sequence[BaseModel]) -> list[JSONObject]:
    """Items as dicts with the keys that were sent, and no others."""
    return [item.model_dump(exclude_unset=True) for item in items]
