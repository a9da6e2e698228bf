"""What the operations on threads take."""

from pydantic import Field

from messaging.values.types import MetaData
from messaging.wire.shapes import Body


class ThreadCreateRequest(Body):
    """A thread to open."""

    examples = {"A thread": {"meta_data": {"channel": "web"}}}

    meta_data: MetaData | None = Field(None, description="Additional metadata")
