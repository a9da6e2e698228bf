"""Where the store meets the app that keeps typed parts below messages, without knowing it.

`threads` registers itself when it is installed; without it messages have no parts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from .models import Message

__all__ = ["Link", "NoParts", "Part", "PartStore", "part_store", "register_part_store"]

Part = dict[str, Any]
"""`id`, `type` and the fields of that type, as the thread wire shows them."""


Link = Callable[[str], str]
"""From the id of a stored object to the URL under which the reader gets it."""


class PartStore(Protocol):
    """What the admin, exports and redaction ask of it."""

    def read(
        self, *, workspace_id: str, messages: Sequence[Message], link: Link
    ) -> Mapping[str, Sequence[Part]]:
        """The parts of these messages in their order, by id of the message; derived ones too."""

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


class NoParts:
    """The part store of a project without the thread wire."""

    def read(
        self, *, workspace_id: str, messages: Sequence[Message], link: Link
    ) -> Mapping[str, Sequence[Part]]:
        return {}

    def redact(self, *, workspace_id: str, message_ids: Collection[str]) -> None:
        return None

    def follow_content(self, message: Message) -> None:
        return None

    def counts(self, *, messages: Any, conversations: Any = None) -> Mapping[str, int]:
        return {}


_registered: PartStore = NoParts()


def register_part_store(store: PartStore) -> None:
    """Let this one keep the parts, from now on."""
    global _registered
    _registered = store


def part_store() -> PartStore:
    return _registered
