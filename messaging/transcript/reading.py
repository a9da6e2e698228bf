"""A conversation from the database as turns: so many rows as a window needs, in few statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from messaging.conf import parley_settings
from messaging.exceptions import ConversationNotFound, MessageNotFound
from messaging.index.filters import AnyOf, Equal, Filter
from messaging.index.index_scan import IndexScan
from messaging.index.listing import Listing, Order, Window
from messaging.index.plan import plan
from messaging.index.sources import RowSource
from messaging.models import Conversation, Message, MessageQuerySet
from messaging.services.token_budget import ORDER, Position, fitting
from messaging.sql.rows import JSONRow, first_json_rows, json_rows

from .omissions import Omissions
from .pieces import NO_USERS, Turn
from .rows import COLUMNS, token_count, turns_of_rows
from .selection import Selection

MOST_MESSAGES = 10_000
"""Of a longer conversation the latest so many are read."""
MARGIN = 16
"""Further rows in front of the window, where the calls of its first results may stand."""


@dataclass(slots=True, kw_only=True)
class Conversed:
    """What was read of a conversation, in its order: its latest messages, and its instructions."""

    workspace_id: str
    conversation_id: str
    selection: Selection
    message_count: int
    """Messages that it holds altogether, on the branches that are asked for."""
    last_seq: int
    """The number of the last message when reading began."""
    turns: list[Turn] = field(default_factory=list)
    pinned: list[Turn] = field(default_factory=list)
    """The instructions, wherever they stand, where they were asked for; not among the turns."""
    notes: Omissions = field(default_factory=Omissions)
    positions: dict[str, Position] = field(default_factory=dict)
    """Where each message stands that was read, by its id."""
    older: RowSource | None = None
    """The messages in front of these, the latest first; None where no more of them are read."""
    begin: Position | None = None
    """Where the oldest of the turns stands, shown or not."""

    def read_on(self) -> None:
        """Read as many messages again as were read, in front of them."""
        if self.older:
            self.read(self.older, len(self.positions))

    def read(self, source: RowSource, number: int) -> None:
        """Read the first so many rows of this source, which has the latest first."""
        number = min(number, source.window.stop or 0)
        rows, is_cut = source.at(replace(source.window, stop=number)).first_rows(COLUMNS, str)
        is_whole = is_cut or len(rows) < number
        rest = None if is_whole or not rows else source.behind(rows[-1], number)
        self.older = rest if rest and rest.window.stop else None
        pinned = {turn.id for turn in self.pinned}
        self.turns[:0] = self._turns([row for row in reversed(rows) if row["id"] not in pinned])
        self.begin = _position(rows[-1]) if rows else self.begin

    def pin(self, rows: Sequence[JSONRow]) -> None:
        """Keep these instructions apart from what is read."""
        self.pinned = self._turns(rows)

    def users(self, most_tokens: int | None) -> Iterator[Turn]:
        """What users said in front of the messages that were read, each with at most so many tokens; the
        nearest first. The lower bound of the selection does not count here, its roles do."""
        begin, number = self.begin, MARGIN
        while begin and number <= MOST_MESSAGES and len(self.positions) < self.message_count:
            rows = self._user_rows(begin, number, most_tokens)
            yield from reversed(self._turns(rows[::-1]))
            begin, number = (_position(rows[-1]) if len(rows) == number else None), number * 2

    def _user_rows(self, begin: Position, number: int, most_tokens: int | None) -> list[JSONRow]:
        """So many rows at most, the latest first: sought in an index, which holds role and tokens."""
        rows = _messages(self.workspace_id, self.conversation_id, self.selection)
        matching = rows.exclude(role__in=NO_USERS).after(ORDER, begin, descending=True)
        if self.selection.roles:
            matching = matching.filter(role__in=self.selection.roles)
        if most_tokens is not None:
            matching = matching.filter(token_count__lte=most_tokens)
        numbers = matching.in_order(ORDER, descending=True).values("seq")[:number]
        return _first_rows(rows.filter(seq__in=numbers).in_order(ORDER, descending=True)[:number])

    def _turns(self, rows: Sequence[JSONRow]) -> list[Turn]:
        self.positions.update((row["id"], _position(row)) for row in rows)
        return turns_of_rows(self.workspace_id, rows, self.selection, self.notes)


def read_conversation(workspace_id: str, conversation_id: str, selection: Selection) -> Conversed:
    """The messages that a selection needs, and a few in front of them.

    Raises ConversationNotFound, and MessageNotFound for a bound that is no message of the conversation.
    """
    scan = IndexScan.of_workspace(Conversation, workspace_id, id=conversation_id).in_order(("id",))
    about = json_rows(scan, ("message_count", "superseded_count", "last_seq"))
    if not about:
        raise ConversationNotFound
    [counts] = about
    read = Conversed(
        workspace_id=workspace_id,
        conversation_id=conversation_id,
        selection=selection,
        message_count=counts["message_count"] - (0 if selection.all_branches else counts["superseded_count"]),
        last_seq=counts["last_seq"],
    )
    listing = _listing(workspace_id, conversation_id, selection)
    pinned = _instructions(listing, selection) if selection.pins_system else []
    read.pin(pinned)
    read.read(plan(listing), _number(listing, selection, sum(map(token_count, pinned))))
    return read


def _listing(workspace_id: str, conversation_id: str, selection: Selection) -> Listing:
    """The messages that a selection may have, the latest first."""
    filters: list[Filter] = [Equal("conversation_id", conversation_id)]
    if selection.roles:
        filters.append(AnyOf("role", tuple(sorted(selection.roles))))
    if not selection.all_branches:
        filters.append(Equal("superseded_by", None))
    positions = _positions(workspace_id, conversation_id, selection)
    return Listing(
        model=Message,
        workspaces=(workspace_id,),
        filters=tuple(filters),
        order=Order(ORDER, descending=True),
        window=Window(
            stop=MOST_MESSAGES, after=positions.get(selection.before), before=positions.get(selection.after)
        ),
    )


def _positions(workspace_id: str, conversation_id: str, selection: Selection) -> dict[str | None, Position]:
    """Where the messages stand that bound a selection, by their ids."""
    ids = {pk for pk in (selection.after, selection.before) if pk}
    if not ids:
        return {}
    messages = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    rows = messages.filter(pk__in=ids).values_list("pk", *ORDER)
    positions: dict[str | None, Position] = {pk: (created_at, seq) for pk, created_at, seq in rows}
    if len(positions) < len(ids):
        raise MessageNotFound
    return positions


def _instructions(listing: Listing, selection: Selection) -> list[JSONRow]:
    """The instructions of the conversation, wherever in front of the end of the listing they stand."""
    rows = _messages(listing.workspace, listing.conversation or "", selection).pinned()
    if listing.window.after is not None:
        rows = rows.after(ORDER, listing.window.after, descending=True)
    return _first_rows(rows.in_order(ORDER)[:MOST_MESSAGES])


def _number(listing: Listing, selection: Selection, pinned: int) -> int:
    """How many rows are read at first, where so many tokens are pinned."""
    number = MOST_MESSAGES if selection.last is None else selection.last + MARGIN
    if selection.max_tokens is None:
        return number
    return min(number, _fitting(listing, selection, selection.max_tokens - pinned, number) + MARGIN)


def _fitting(listing: Listing, selection: Selection, max_tokens: int, most: int) -> int:
    """How many of so many of the latest messages have no more tokens together: read from an index alone."""
    fit = fitting(
        workspace_id=listing.workspace,
        conversation_id=listing.conversation or "",
        max_tokens=max_tokens,
        roles=selection.roles or None,
        after=cast(Position | None, listing.window.before),
        before=cast(Position | None, listing.window.after),
        most_messages=most,
        all_branches=selection.all_branches,
    )
    return fit.messages


def _messages(workspace_id: str, conversation_id: str, selection: Selection) -> MessageQuerySet:
    rows = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    return rows if selection.all_branches else rows.current()


def _first_rows(rows: MessageQuerySet) -> list[JSONRow]:
    """As many of the rows as an answer holds at once."""
    return first_json_rows(rows, COLUMNS, str, most_bytes=parley_settings().page_bytes)[0]


def _position(row: JSONRow) -> Position:
    return datetime.fromisoformat(row["created_at"]), row["seq"]
