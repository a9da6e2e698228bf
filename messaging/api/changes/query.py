"""Which changes are asked for."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from messaging.changes import kinds_named


def _named(text: str) -> str:
    try:
        kinds_named(text)
    except ValueError as error:
        raise PydanticCustomError("enum", "{reason}", {"reason": str(error)}) from None
    return text


class ChangesQuery(BaseModel):
    """Where the page begins, and how it is narrowed."""

    after: str | None = Field(
        None,
        description="Position behind which the page begins: the `id` of a change, `next_cursor` of a page, or"
        " `latest` for the end of all changes. Without it the page begins with the oldest that is kept.",
    )
    limit: int = Field(100, ge=1, le=1000, description="Number of changes to return")
    types: Annotated[str, AfterValidator(_named)] | None = Field(
        None, description="Only these types (comma-separated); `messages.*` stands for all of its kind"
    )
    conversation_id: str | None = Field(
        None, description="Only changes of this conversation, whether or not it is still there"
    )


class ChangeStreamQuery(BaseModel):
    """Where the stream begins, and how it is narrowed."""

    after: str | None = Field(
        None,
        description="Position behind which the stream begins, unless `Last-Event-ID` names one: the `id` of a"
        " change, `next_cursor` of a page. Without it the stream begins with what happens from now on.",
    )
    types: Annotated[str, AfterValidator(_named)] | None = Field(
        None, description="Only these types (comma-separated); `messages.*` stands for all of its kind"
    )
    conversation_id: str | None = Field(
        None, description="Only changes of this conversation, whether or not it is still there"
    )
