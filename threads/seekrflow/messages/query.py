"""How a list of messages is narrowed, ordered and cut."""

from typing import Annotated

from pydantic import Field

from messaging.wire.parameters import BranchQuery, ShowingQuery, equals
from threads.seekrflow.pages import FilteredListQuery

from .outputs import ThreadMessageResponse, WithParts


class PartsQuery(ShowingQuery):
    """Whether messages are answered with their parts."""

    everything = {"include_parts": True}

    include_parts: bool = Field(False, description="Answer the messages with their parts")

    @property
    def shape(self) -> type[ThreadMessageResponse]:
        """What is read of the messages."""
        return WithParts if self.include_parts else ThreadMessageResponse


class MessagesQuery(FilteredListQuery, PartsQuery, BranchQuery):
    """How the messages of a thread are narrowed, ordered and cut."""

    after: str | None = Field(None, description="Only what comes after this message, in the order asked for")
    before: str | None = Field(None, description="Only what comes before this message, the nearest of them")
    role: Annotated[str | None, equals("role")] = Field(None, description="Filter by role")
    agent_id: Annotated[str | None, equals("agent_id")] = Field(
        None, description="Filter by the agent that wrote the message"
    )
    run_id: Annotated[str | None, equals("run_id")] = Field(
        None, description="Filter by the run that wrote the message"
    )
