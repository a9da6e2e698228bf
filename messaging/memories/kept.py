"""What a search compares of a user's memories, texts and vectors: kept in the process where there are many.

What is kept serves as long as the user has as many memories and none that is newer: every change of a text
makes its memory the newest. What came since is read and added. What is answered is read from the store in any
case, so nothing that is gone is ever shown.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Count, Max, Sum
from django.db.models.functions import Length
from django.utils import timezone

from messaging.models import Memory, MemoryQuerySet

from .embedding import embedder, read

if TYPE_CHECKING:
    from .embedding import Vectors

__all__ = ["Compared", "MemoriesOfUser", "vectors_of"]

MANY = 500
"""Memories from which on those of a user are kept; fewer are read as quickly."""
MOST_BYTES = 64 * 1024 * 1024
"""Of all that this process keeps; what was used least recently goes first."""
MOST_CHARACTERS = 8 * 1024 * 1024
"""Of a user's memories; more are searched by the database."""
SECONDS = 600.0
"""What nobody asked for goes after so long."""
SETTLING = timedelta(seconds=10)
"""A change may be stored so much later than its time says, by a slow transaction or a clock that lags."""
BYTES_OF_A_STRING = 64
"""Besides its characters."""

Key = tuple[str, str, str, str]
"""Database, workspace, user, and the embedder of vectors."""
Values = TypeVar("Values")
Joining = Callable[[Values, Values, Sequence[int]], Values]
"""Puts what is new in front of those rows of what was kept that are left."""


@dataclass(slots=True)
class Compared(Generic[Values]):
    """Texts or vectors of memories, one for each id, the newest first."""

    ids: list[str]
    values: Values
    newest: datetime | None
    """When the newest of these memories had changed before they were read."""
    bytes: int
    read_at: datetime = field(default_factory=timezone.now)
    used_at: float = field(default_factory=time.monotonic)


Reading = Callable[..., Compared[Values] | None]
"""Reads what is compared of these rows, at most `most` of them, the newest; `newest` as in Compared."""


class MemoriesOfUser:
    """The memories of a user that are shown, as one search compares them."""

    def __init__(self, workspace_id: str, user_id: str) -> None:
        self.rows = Memory.objects.for_workspace(workspace_id).live().of_user(user_id)
        self.key = (self.rows.db, workspace_id, user_id)

    def texts(self) -> "Compared[list[str]] | None":
        """The folded texts; None where these are more than is read at once."""
        return self._compared("", _texts_of, lambda new, old, left: [*new, *(old[row] for row in left)])

    def vectors(self, dimensions: int) -> "Compared[Vectors] | None":
        """The vectors that the present embedder made; None where there are none."""
        name = using.name if (using := embedder()) else ""
        return self._compared(f"{name}:{dimensions}", partial(vectors_of, dimensions=dimensions), _stacked)

    @cached_property
    def _state(self) -> tuple[int, datetime | None]:
        number, newest = self.rows.order_by().aggregate(Count("pk"), Max("updated_at")).values()
        return number, newest

    def _compared(
        self, of: str, read_rows: "Reading[Values]", joined: "Joining[Values]"
    ) -> "Compared[Values] | None":
        key = (*self.key, of)
        kept = _keeping.get(key)
        if kept is None:
            few = read_rows(self.rows, most=MANY)
            if few is None or len(few.ids) < MANY:
                return few
        else:
            kept = self._extended(kept, read_rows, joined)
        if kept is None or not self._is_whole(kept):
            kept = read_rows(self.rows, newest=self._state[1]) if self._is_readable() else None
        if kept is not None and self._is_whole(kept):
            _keeping.put(key, kept)
        return kept

    def _is_readable(self) -> bool:
        size = self.rows.order_by().aggregate(size=Sum(Length("search_text")))["size"]
        return (size or 0) <= MOST_CHARACTERS

    def _is_whole(self, kept: "Compared[Any]") -> bool:
        return (len(kept.ids), kept.newest) == self._state

    def _extended(
        self, kept: "Compared[Values]", read_rows: "Reading[Values]", joined: "Joining[Values]"
    ) -> "Compared[Values]":
        """What is kept with what may have changed since; itself where nothing has."""
        newest = self._state[1]
        settled = min(kept.newest or kept.read_at, kept.read_at - SETTLING)
        if newest is None or newest <= settled:
            return kept
        changed = self.rows.filter(updated_at__gt=settled)
        new = read_rows(changed, newest=newest)
        if new is None:
            return kept
        # Those that have no vector yet are no longer what they were, either.
        replaced = set(changed.values_list("pk", flat=True))
        left = [row for row, pk in enumerate(kept.ids) if pk not in replaced]
        ids, values = [*new.ids, *(kept.ids[row] for row in left)], joined(new.values, kept.values, left)
        return Compared(ids, values, newest, kept.bytes + new.bytes)


def _texts_of(
    rows: MemoryQuerySet, most: int | None = None, newest: datetime | None = None
) -> "Compared[list[str]]":
    listed = list(rows.order_by("-updated_at", "-id").values_list("pk", "search_text")[:most])
    ids, texts = [pk for pk, _ in listed], [text for _, text in listed]
    return Compared(ids, texts, newest, sum(map(len, texts)) + BYTES_OF_A_STRING * len(ids))


def vectors_of(
    rows: MemoryQuerySet, dimensions: int, most: int | None = None, newest: datetime | None = None
) -> "Compared[Vectors] | None":
    """The vectors of these memories that the present embedder made; None where there are none."""
    using = embedder()
    if using is None:
        return None
    listed = rows.filter(embedder=using.name).order_by("-updated_at", "-id").values_list("pk", "embedding")
    fitting = [piece for piece in listed[:most] if len(piece[1] or b"") == 2 * dimensions]
    if not fitting:
        return None
    ids, stored = zip(*fitting, strict=True)
    vectors = read(b"".join(stored), dimensions)
    return Compared(list(ids), vectors, newest, vectors.nbytes)


def _stacked(new: "Vectors", old: "Vectors", left: Sequence[int]) -> "Vectors":
    import numpy

    return numpy.concatenate([new, old[left]])


class _Keeping:
    """What this process keeps, within its bounds. A thread takes away what nobody asks for any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Compared[Any]] = OrderedDict()
        self._sweeper: threading.Timer | None = None

    def get(self, key: Key) -> "Compared[Any] | None":
        with self._lock:
            self._drop_unused()
            if (kept := self._kept.get(key)) is not None:
                kept.used_at = time.monotonic()
                self._kept.move_to_end(key)
            return kept

    def put(self, key: Key, compared: "Compared[Any]") -> None:
        with self._lock:
            self._kept[key] = compared
            self._kept.move_to_end(key)
            while sum(each.bytes for each in self._kept.values()) > MOST_BYTES:
                self._kept.popitem(last=False)
            self._watch()

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def _drop_unused(self) -> None:
        late = time.monotonic() - SECONDS
        for key in [key for key, each in self._kept.items() if each.used_at < late]:
            del self._kept[key]

    def _watch(self) -> None:
        if self._kept and (self._sweeper is None or not self._sweeper.is_alive()):
            self._sweeper = threading.Timer(max(SECONDS, 0) / 2, self._sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep(self) -> None:
        with self._lock:
            self._sweeper = None
            self._drop_unused()
            self._watch()


_keeping = _Keeping()
