"""The messages of a page and their neighbours, read within a budget, as any of them may be large."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from django.db.models import Case, OuterRef, QuerySet, Subquery, Sum, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Length

from messaging.conf import parley_settings
from messaging.content import JSON_COLUMNS
from messaging.models import Message, MessageQuerySet, Part

MARGIN = 20
"""Messages beyond either end of a page that are read to fold results under their calls."""
UNREAD = ("content", "search_text", "search_other", "index_terms", *JSON_COLUMNS)
"""Columns of any size, of which a page shows nothing, or which are read within the budget alone."""
NOTHING = [None] * len(JSON_COLUMNS)
OF_PARTS = ("text", "url", "payload", "payload_ref", "error_text", "metadata")


@dataclass(frozen=True, slots=True)
class Window:
    """Messages of a page and their neighbours, in the order of `seq`."""

    earlier: list[Message]
    rows: list[Message]
    later: list[Message]
    before: Message | None
    """The message in front of the page, without its JSON; None at the beginning."""
    after: Message | None
    """The message behind the page, without its JSON; None at the end."""
    is_cut: bool
    """The page ends before the number of messages that it was to have, because these are large."""

    @property
    def all(self) -> list[Message]:
        return [*self.earlier, *self.rows, *self.later]


@dataclass(frozen=True, slots=True)
class _Side:
    """The messages on one side of a place, the nearest first."""

    rows: list[Message]
    wanted: int
    """How many of them the page is to have."""
    room: int
    """Characters that they may have in all."""

    @property
    def shown(self) -> list[Message]:
        """As many as there is room for, and one at least."""
        wanted = self.rows[: self.wanted]
        return wanted[: max(_fitting(wanted, self.room), 1)]

    @property
    def margin(self) -> list[Message]:
        """Their neighbours, in the room that is left."""
        beyond = self.beyond[:MARGIN]
        return beyond[: _fitting(beyond, self.room - sum(map(_weight, self.shown)))]

    @property
    def beyond(self) -> list[Message]:
        return self.rows[len(self.shown) :]

    @property
    def is_cut(self) -> bool:
        return len(self.shown) < min(self.wanted, len(self.rows))


def window(messages: MessageQuerySet, *, at: int, before: int = 0, after: int = 0) -> Window:
    """Up to `before` messages below `seq` number `at`, and up to `after` from it on, in three statements.

    Each side has half of `PAGE_BYTES` for the JSON and the parts of its messages. Those of the page come
    first, one at least; then their neighbours.
    """
    room = parley_settings().page_bytes // 2
    ahead = _Side(_light(messages.filter(seq__gte=at).order_by("seq")[: after + MARGIN]), after, room)
    behind = _Side(_light(messages.filter(seq__lt=at).order_by("-seq")[: before + MARGIN]), before, room)
    near = Window(
        earlier=behind.margin[::-1],
        rows=[*behind.shown[::-1], *ahead.shown],
        later=ahead.margin,
        before=next(iter(behind.beyond), None),
        after=next(iter(ahead.beyond), None),
        is_cut=ahead.is_cut or behind.is_cut,
    )
    _complete(near.all)
    return near


def _light(messages: MessageQuerySet) -> list[Message]:
    """Messages as far as their size is bounded, and how much there is besides."""
    rows = list(messages.annotate(weight=_weight_of_message()).defer(*UNREAD))
    for row in rows:
        row.content = _excerpt(row)
    return rows


def _complete(rows: Sequence[Message]) -> None:
    """Read the JSON of these messages of one workspace; a message that is gone meanwhile has none."""
    if not rows:
        return
    stored = Message.objects.for_workspace(rows[0].workspace_id).filter(pk__in=[row.pk for row in rows])
    values = {pk: json for pk, *json in stored.values_list("pk", *JSON_COLUMNS)}
    for row in rows:
        for name, value in zip(JSON_COLUMNS, values.get(row.pk, NOTHING), strict=True):
            setattr(row, name, value)


def _excerpt(row: Message) -> str:
    """What `excerpts` or `matched_excerpts` read of the content."""
    annotated = vars(row)
    return f"…{annotated['excerpt']}" if annotated.get("start", 1) > 1 else str(annotated["excerpt"])


def _weight(row: Message) -> int:
    return int(vars(row)["weight"])


def _fitting(rows: Sequence[Message], room: int) -> int:
    """How many of the rows there is room for."""
    for count, row in enumerate(rows):
        room -= _weight(row)
        if room < 0:
            return count
    return len(rows)


def _weight_of_message() -> Combinable:
    """Characters of the JSON of a message and of its parts."""
    parts: QuerySet[Part] = Part.objects.filter(
        workspace_id=OuterRef("workspace_id"), message_id=OuterRef("pk")
    )
    of_parts = parts.order_by().values("message_id").annotate(weight=Sum(_lengths(OF_PARTS)))
    is_split = When(has_parts=True, then=Coalesce(Subquery(of_parts.values("weight")), 0))
    return _lengths(JSON_COLUMNS) + Case(is_split, default=Value(0))


def _lengths(columns: Sequence[str]) -> Combinable:
    return reduce(add, [Coalesce(Length(Cast(name, TextField())), 0) for name in columns])
