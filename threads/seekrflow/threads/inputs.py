"""What the operations on threads take."""

from pydantic import BaseModel, Field

from messaging.values.types import JSONObject


class ThreadCreateRequest(BaseModel):
    """A thread to open."""

    meta_data: JSONObject | None = Field(None, description="Additional metadata")
