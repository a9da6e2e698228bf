"""What the operations on threads take."""

from pydantic import BaseModel, Field

from messaging.values.types import JSONObject
from threads.seekrflow.lists import FilteredListQuery


class ThreadCreateRequest(BaseModel):
    """A thread to open."""

    meta_data: JSONObject | None = Field(None, description="Additional metadata")


class ThreadsQuery(FilteredListQuery):
    """How the list of threads is narrowed, ordered and cut."""
