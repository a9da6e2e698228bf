"""Where the store meets the app that keeps typed parts below messages, without knowing it.

`threads` registers itself when it is installed; without it all parts of messages are derived, and there are
no runs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from messaging.content.derive import DERIVED_FROM, derived_parts
from messaging.content.shapes import Link, Part
from messaging.models import Message

__all__ = [
    "AgentRun",
    "NoParts",
    "PartStore",
    "ToolErrors",
    "derived_parts_of",
    "part_store",
    "register_part_store",
]

ToolErrors = Sequence[tuple[date, str, int]]
"""(day, name of the tool or empty, how many)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """What a reader of messages may want to know of the run that wrote them."""

    id: str
    agent_id: str
    status: str
    model: str
    usage: Mapping[str, Any] | None
    """`prompt_tokens`, `completion_tokens` and `total_tokens`, once the agent has said."""
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def seconds(self) -> float | None:
        """From its first message to its end."""
        return (
            (self.ended_at - self.started_at).total_seconds() if self.started_at and self.ended_at else None
        )


class PartStore(Protocol):
    """What the admin, exports and redaction ask of it."""

    def read(
        self, *, workspace_id: str, messages: Sequence[Message], link: Link
    ) -> Mapping[str, Sequence[Part]]:
        """The parts of these messages in their order, by id of the message; derived ones too."""

    def runs(self, *, workspace_id: str, run_ids: Collection[str]) -> Mapping[str, AgentRun]:
        """Those of these runs that there are, by id."""

    def redact(self, *, workspace_id: str, message_ids: Collection[str]) -> None:
        """Remove the parts and stored objects of these messages, within the caller's transaction.

        The bytes of stored objects go when it commits.
        """

    def follow_content(self, message: Message) -> None:
        """Let the parts say the new text of a message, within the caller's transaction.

        Called for messages that were written in parts or in items.
        """

    def counts(self, *, messages: Any, conversations: Any = None) -> Mapping[str, int]:
        """How many rows of which kind (plural name) go when these messages, a queryset, are deleted.

        With `conversations`, another, those count that go with them, too.
        """

    def tool_errors(
        self, *, workspace_ids: Collection[str] | None, since: datetime, until: datetime
    ) -> ToolErrors | None:
        """What failed in messages of these workspaces (None: of all) from `since` until before `until`.

        The days are those of the time zone of `since`. None where errors of tools are not known.
        """


class NoParts:
    """The part store of a project without the thread wire."""

    def read(
        self, *, workspace_id: str, messages: Sequence[Message], link: Link
    ) -> Mapping[str, Sequence[Part]]:
        return {row.pk: derived_parts_of(row, link) for row in messages}

    def runs(self, *, workspace_id: str, run_ids: Collection[str]) -> Mapping[str, AgentRun]:
        return {}

    def redact(self, *, workspace_id: str, message_ids: Collection[str]) -> None:
        return None

    def follow_content(self, message: Message) -> None:
        return None

    def counts(self, *, messages: Any, conversations: Any = None) -> Mapping[str, int]:
        return {}

    def tool_errors(
        self, *, workspace_ids: Collection[str] | None, since: datetime, until: datetime
    ) -> ToolErrors | None:
        return None


def derived_parts_of(message: Message, link: Link) -> Sequence[Part]:
    """The parts of a message that has none in rows."""
    return derived_parts({name: getattr(message, name) for name in DERIVED_FROM}, link)


_registered: PartStore = NoParts()


def register_part_store(store: PartStore) -> None:
    """Let this one keep the parts, from now on."""
    global _registered
    _registered = store


def part_store() -> PartStore:
    return _registered
