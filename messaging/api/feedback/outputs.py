"""What the feedback operations answer."""

from datetime import datetime
from typing import Any

from pydantic import Field

from messaging.sql.rows import JSONRow
from messaging.values.choices import FeedbackType
from messaging.wire.shapes import Read

STORED = ("number", "text")


class FeedbackRead(Read):
    """What somebody thinks of a message."""

    id: str
    workspace_id: str
    conversation_id: str
    message_id: str
    name: str = Field(description="What is rated")
    data_type: FeedbackType = Field(description="What kind of value it is")
    value: bool | float | str
    comment: str | None = None
    user_id: str | None = Field(None, description="Who thinks so; null for nobody in particular")
    created_by: str | None = Field(None, description="The owner of the key that gave it first")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return (*(name for name in cls.model_fields if name != "value"), *STORED)

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        number, text = (values[name] for name in STORED)
        value = number if text is None else text
        if values["data_type"] == FeedbackType.BOOLEAN:
            value = bool(number)
        shown = values | {"value": value, "user_id": values["user_id"] or None}
        return {name: shown[name] for name in cls.model_fields}
