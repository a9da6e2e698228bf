"""What becomes of the messages of one conversation while it is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pydantic

from messaging.services import ImportedMessage
from messaging.values.json import require_storable
from messaging.values.problems import ValueRefused

from .contents import kind_name
from .fields import reason_of
from .kinds import Kinds, Outcome


@dataclass(frozen=True, slots=True)
class Read:
    """A message as it was read."""

    message: ImportedMessage | None
    """None where it says nothing."""
    kinds: Kinds
    """What it consists of."""
    is_hidden: bool = False
    missing: Sequence[str] = ()
    """Names or ids of the files that it refers to and that did not come along."""


@dataclass(slots=True)
class Tally:
    """Counts of one conversation, and what had to be left out of it."""

    is_delicate: bool = False
    """Whether some of it is known to be refused by the store, so that each message is checked."""
    kinds: Kinds = field(default_factory=Kinds)
    empty: int = 0
    """Messages that say nothing."""
    hidden: int = 0
    """Messages that their vendor hides from the reader."""
    missing: list[str] = field(default_factory=list)
    """Names or ids of files that did not come along."""
    rejected: list[str] = field(default_factory=list)
    """Where each message is that cannot be stored, and why."""

    def message(
        self, container: str, name: str, given: object, kind: object, read: Callable[[], Read]
    ) -> ImportedMessage | None:
        """The message that `read` makes of what has this name in the container; None where it says nothing.

        One that cannot be stored is counted and named, and costs no other.
        """
        try:
            if self.is_delicate:
                require_storable({name: given})
            return self._counted(read())
        except ValueRefused as error:
            self._reject(f"{container}.{reason_of(error)}", kind)
        except pydantic.ValidationError as error:
            self._reject(f"{container}.{name}: {reason_of(error)}", kind)
        return None

    def storable(self, fields: Mapping[str, Any], *, but: str) -> dict[str, Any]:
        """The fields of a conversation that can be stored; that of the messages is not looked at."""
        kept = {}
        for name, value in fields.items():
            try:
                if self.is_delicate and name != but:
                    require_storable({name: value})
            except ValueRefused as error:
                self.rejected.append(reason_of(error))
            else:
                kept[name] = value
        return kept

    def _counted(self, read: Read) -> ImportedMessage | None:
        self.kinds += read.kinds
        self.empty += read.message is None
        self.hidden += read.is_hidden
        self.missing += read.missing
        return read.message

    def _reject(self, reason: str, kind: object) -> None:
        self.rejected.append(reason)
        self.kinds[kind_name(kind), Outcome.REJECTED] += 1
