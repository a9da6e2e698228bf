"""What an extractor is: it reads what one user said, and what is known of that user, and says what to keep.

It knows neither workspace nor user, and sees memories of that user alone. So whatever a message talks it
into, it can change nothing else: what it names is checked against what it was shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from messaging.conf import memory_settings

__all__ = ["Add", "Change", "Drop", "Extractor", "Known", "ModelUnavailable", "Proposal", "Turn", "extractor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A message of the user, without what the application recalled into it."""

    text: str
    role: str = "user"
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A memory that the user has."""

    id: str
    memory: str
    """Empty while it is hidden. Such ones are for an extractor that sees all: who wants everything forgotten
    means them, too."""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Keep a new memory. One that is known already changes nothing."""

    memory: str
    topics: tuple[str, ...] = ()
    turns: tuple[int, ...]
    """Which turns say so, by their place in what the extractor was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is known is put otherwise, or is otherwise now."""

    id: str
    memory: str
    topics: tuple[str, ...] = ()
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """What is known holds no more, or the user wants it forgotten."""

    id: str
    turns: tuple[int, ...] = field(default=())


Proposal = Add | Change | Drop


class Extractor(Protocol):
    """Draws memories. One instance serves all threads of a process."""

    @property
    def name(self) -> str:
        """Stands at every memory that it draws."""

    @property
    def version(self) -> str:
        """The same; another one when it comes to draw otherwise. At most 64 characters."""

    @property
    def sees_all(self) -> bool:
        """Whether it is shown all memories of the user, rather than the nearest `MAX_KNOWN`."""

    def extract(self, turns: Sequence[Turn], known: Sequence[Known]) -> Sequence[Proposal]:
        """What to keep, change and drop because of these turns, which are in their order.

        After ModelUnavailable the turns come again for as long as it takes; after any other error some times,
        and are then passed over.
        """


class ModelUnavailable(Exception):
    """What is asked for memories or vectors does not answer now. It will be asked again until it does."""


@cache
def extractor() -> Extractor | None:
    """That of the settings; None where nothing is to be drawn. Raises TypeError for options of another."""
    settings = memory_settings()
    if settings.extractor is None:
        return None
    made: Extractor = import_string(settings.extractor)(**settings.extractor_options)
    return made


def _forget(*, setting: str, **kwargs: Any) -> None:
    if setting == "PARLEY":
        extractor.cache_clear()


setting_changed.connect(_forget)
