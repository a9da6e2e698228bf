"""Values that are a text or something else: what is refused is told of the shape that is meant."""

from typing import Annotated

from pydantic import Discriminator, Tag

from messaging.values.types import JSONObject


def _meant(value: object) -> str:
    return "[other]" if isinstance(value, dict | list) else "[text]"


TEXT, OTHER = Tag("[text]"), Tag("[other]")
"""In brackets, which the paths of errors leave out."""
EITHER = Discriminator(_meant)
TextOrObject = Annotated[Annotated[str, TEXT] | Annotated[JSONObject, OTHER], EITHER]
