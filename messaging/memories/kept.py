"""What a search compares of a user's memories, texts and vectors: kept in the process where there are many.

What is kept serves as long as the user has as many memories, none that is newer, and their versions have the
same sum: every change of a text makes a new version. What came since is read and added. What is answered is
read from the store in any case, so nothing that is gone is ever shown.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from django.db.models import Case, Count, F, Max, Q, Sum, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone

from messaging.models import Memory, MemoryQuerySet

from .embedding import embedder, read
from .texts import Texts

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
BYTES_OF_AN_ID = 200
"""And of what is noted under it."""
SETTLING = timedelta(seconds=10)
"""A change may be stored so much later than its time says, by a slow transaction or a clock that lags."""

Key = tuple[str, str, str, str]
"""Database, workspace, user, and what is compared."""
State = tuple[int, datetime | None, int]
"""How many memories there are, when the newest had changed, and the sum of their versions."""


class Rows(Protocol):
    """A text or a vector for each of many memories."""

    @property
    def nbytes(self) -> int: ...


Values = TypeVar("Values", bound=Rows)


@dataclass(frozen=True, slots=True)
class Compared(Generic[Values]):
    """Texts or vectors of memories, a row for each id, the oldest first."""

    ids: Sequence[str]
    values: Values
    versions: Mapping[str, int]
    """Of every memory that was read, by its id: of those that have no vector, too."""
    newest: datetime | None
    """When the newest of them had changed before they were read."""
    gone: frozenset[int] = frozenset()
    """Rows of memories that have changed since: what these are now comes behind."""
    read_at: datetime = field(default_factory=timezone.now)

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + BYTES_OF_AN_ID * len(self.versions)

    @property
    def state(self) -> State:
        return len(self.versions), self.newest, sum(self.versions.values())

    @property
    def lacking(self) -> set[str]:
        """The memories that have no vector yet."""
        is_whole = len(self.ids) - len(self.gone) == len(self.versions)
        if is_whole:
            return set()
        return self.versions.keys() - {pk for row, pk in enumerate(self.ids) if row not in self.gone}


@dataclass(frozen=True, slots=True)
class Kind(Generic[Values]):
    """What is compared: which column, and what becomes of its values."""

    name: str
    column: str | Combinable
    """Null where a memory has nothing to be compared."""
    made: Callable[[list[Any]], Values]
    joined: Callable[[Values, Values], Values]
    is_bounded: bool = False
    """Whether the database tells how large the texts are before all are read."""

    def read(
        self, rows: MemoryQuerySet, most: int | None = None, newest: datetime | None = None
    ) -> Compared[Values]:
        """Read these memories, at most so many, the newest; `newest` as in Compared."""
        ordered = rows.order_by("-updated_at", "-id").values_list("pk", "version", self.column)
        listed = list(ordered[:most])[::-1]
        ids = [pk for pk, _, value in listed if value is not None]
        values = self.made([value for _, _, value in listed if value is not None])
        return Compared(ids, values, {pk: version for pk, version, _ in listed}, newest)

    def extended(self, kept: Compared[Values], new: Compared[Values]) -> Compared[Values]:
        """What is kept, with what the memories of `new` are by now."""
        gone = {row for row, pk in enumerate(kept.ids) if pk in new.versions}
        return Compared(
            [*kept.ids, *new.ids],
            self.joined(kept.values, new.values),
            {**kept.versions, **new.versions},
            new.newest,
            kept.gone | gone,
        )


def _stacked(old: "Vectors", new: "Vectors") -> "Vectors":
    import numpy

    return numpy.concatenate([old, new])


TEXTS = Kind("", "search_text", Texts, Texts.extended, is_bounded=True)


def _vectors(dimensions: int) -> "Kind[Vectors]":
    """Those that the present embedder made."""
    name = using.name if (using := embedder()) else ""
    size = 2 * dimensions
    fitting = When(Q(Exact(Length("embedding"), size), embedder=name), then=F("embedding"))
    return Kind(f"{name}:{size}", Case(fitting), lambda rows: read(b"".join(rows), dimensions), _stacked)


def vectors_of(rows: MemoryQuerySet, dimensions: int) -> "Compared[Vectors]":
    """The vectors of these memories that the present embedder made."""
    return _vectors(dimensions).read(rows)


class MemoriesOfUser:
    """The memories of a user that are shown, as one search compares them."""

    def __init__(self, workspace_id: str, user_id: str) -> None:
        self.rows = Memory.objects.for_workspace(workspace_id).live().of_user(user_id)
        self.key = (self.rows.db, workspace_id, user_id)

    def texts(self) -> Compared[Texts] | None:
        """The folded texts; None where these are more than is read at once."""
        return self._compared(TEXTS)

    def vectors(self, dimensions: int) -> "Compared[Vectors] | None":
        """The vectors that the present embedder made."""
        return self._compared(_vectors(dimensions))

    @cached_property
    def _state(self) -> State:
        number, newest, versions = (
            self.rows.order_by().aggregate(Count("pk"), Max("updated_at"), Sum("version")).values()
        )
        return number, newest, versions or 0

    def _compared(self, kind: Kind[Values]) -> Compared[Values] | None:
        key = (*self.key, kind.name)
        kept = _keeping.get(key)
        if kept is None:
            few = kind.read(self.rows, most=MANY)
            if len(few.versions) < MANY:
                return few
        present = (kept and self._extended(kind, kept)) or self._whole(kind)
        if present and present is not kept and present.state == self._state:
            _keeping.put(key, present)
        return present

    def _extended(self, kind: Kind[Values], kept: Compared[Values]) -> Compared[Values] | None:
        """What is kept with what came since; None where that is too much, or not all."""
        lacking = kept.lacking
        if not lacking and kept.state == self._state:
            return kept
        settled = min(kept.newest or kept.read_at, kept.read_at - SETTLING)
        changed = self.rows.filter(Q(updated_at__gt=settled) | Q(pk__in=list(lacking)[:MANY]))
        new = kind.read(changed, most=MANY, newest=self._state[1])
        extended = kind.extended(kept, new)
        is_much = len(new.versions) >= MANY or len(extended.gone) >= MANY
        return None if is_much or extended.state != self._state else extended

    def _whole(self, kind: Kind[Values]) -> Compared[Values] | None:
        is_readable = not kind.is_bounded or self._are_short()
        return kind.read(self.rows, newest=self._state[1]) if is_readable else None

    def _are_short(self) -> bool:
        size = self.rows.order_by().aggregate(size=Sum(Length("search_text")))["size"]
        return (size or 0) <= MOST_CHARACTERS


class _Keeping:
    """What this process keeps, within its bounds. A thread takes away what nobody asks for any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[Compared[Any], float]] = OrderedDict()
        """What is kept, and when it was asked for."""
        self._sweeper: threading.Timer | None = None

    def get(self, key: Key) -> Compared[Any] | None:
        with self._lock:
            self._drop_unused()
            kept, _ = self._kept.pop(key, (None, 0))
            if kept is not None:
                self._kept[key] = kept, time.monotonic()
            return kept

    def put(self, key: Key, compared: Compared[Any]) -> None:
        with self._lock:
            self._kept[key] = compared, time.monotonic()
            self._kept.move_to_end(key)
            while sum(each.nbytes for each, _ in self._kept.values()) > MOST_BYTES:
                self._kept.popitem(last=False)
            self._watch()

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def _drop_unused(self) -> None:
        late = time.monotonic() - SECONDS
        for key in [key for key, (_, asked_at) in self._kept.items() if asked_at < late]:
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
