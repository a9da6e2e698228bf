"""What a transcript leaves out of the messages that it was made of, by name."""

from collections.abc import Collection, Iterator

MOST_NAMES = 20
"""So many a header names, and how many more there are."""


class Omissions:
    """Which messages were left out or lost a part, and why."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], None] = {}

    def note(self, message_id: str, reason: str) -> None:
        """Note once that something of this message is not there; nothing for a message without id."""
        if message_id:
            self._noted[message_id, reason] = None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._noted)

    def __bool__(self) -> bool:
        return bool(self._noted)

    def of(self, message_ids: Collection[str]) -> "Omissions":
        """What is noted of these messages alone."""
        kept = Omissions()
        kept._noted = {each: None for each in self._noted if each[0] in message_ids}
        return kept

    def joined(self, others: "Omissions") -> "Omissions":
        """These and the others."""
        both = Omissions()
        both._noted = {**self._noted, **others._noted}
        return both

    def header(self) -> str:
        """`msg_1;reason=empty, msg_2;reason=file;more=3`."""
        named = ", ".join(f"{pk};reason={reason}" for pk, reason in list(self._noted)[:MOST_NAMES])
        more = len(self._noted) - MOST_NAMES
        return f"{named};more={more}" if more > 0 else named
