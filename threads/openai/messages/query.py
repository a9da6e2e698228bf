"""How a list of messages is narrowed, ordered and cut."""

from typing import Annotated

from pydantic import Field

from messaging.wire.parameters import BranchQuery, equals
from threads.openai.pages import TwoWayListQuery


class MessagesQuery(TwoWayListQuery, BranchQuery):
    """How the messages of a thread are narrowed, ordered and cut."""

    run_id: Annotated[str | None, equals("run_id")] = Field(None, description="Only those of this run")
