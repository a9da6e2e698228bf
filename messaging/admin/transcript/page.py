"""A page of a transcript: a window of messages as the items that the template shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from messaging.models import Conversation, Message, Run
from messaging.services.reading import parts_of_messages

from .entries import Entry
from .folding import fold_results
from .position import Position
from .reader import Reader
from .relations import Relations, relations_of
from .rendering import piece_of
from .timeline import Item, timeline
from .window import END

__all__ = ["Page", "entries_of", "transcript_page"]


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows below the head of the conversation."""

    items: Sequence[Item]
    position: Position
    holder: Run | None
    """The run that holds the conversation locked."""
    all: str
    """The address of the transcript without a query."""
    older: str
    newer: str
    oldest: str
    newest: str

    @property
    def is_whole(self) -> bool:
        """Whether the page holds the whole conversation."""
        return not (self.older or self.newer)


def transcript_page(conversation: Conversation, position: Position, reader: Reader) -> Page:
    """The page at this position. Parts, runs, parents and replies take one statement each."""
    near = position.window
    entries = entries_of(near.all, near.rows, reader, asked_for=position.message_id, query=position.query)
    holder = conversation.active_run
    wanted = {name for name in (*(row.run_id for row in near.rows), holder) if name}
    runs = _runs(conversation.workspace_id, wanted)
    before, after = _last(near.earlier), _last(near.later[::-1])
    return Page(
        items=list(timeline(entries, before=before, after=after, runs=runs, reader=reader)),
        position=position,
        holder=runs.get(holder) if holder else None,
        **_paging(conversation, position, reader),
    )


def entries_of(
    rows: Sequence[Message],
    on_page: Sequence[Message],
    reader: Reader,
    *,
    asked_for: str | None = None,
    query: str = "",
) -> list[Entry]:
    """The entries of the messages on the page; `rows` are these and their neighbours.

    `asked_for` is the message that the address names, `query` the text that all of them were searched for.
    Messages that consist of results alone are left out where the page shows their calls, which show them.
    """
    if not rows:
        return []
    parts = parts_of_messages(rows, workspace_id=rows[0].workspace_id, link=reader.object)
    relations = relations_of(on_page, reader)
    entries = [_entry(row, reader, relations, is_asked_for=row.pk == asked_for) for row in rows]
    for entry in entries:
        entry.pieces = [piece_of(part, entry) for part in parts.get(entry.message.pk, ())]
        if query:
            entry.unfold(query)
    fold_results(entries)
    ids = {row.pk for row in on_page}
    return [entry for entry in entries if entry.message.pk in ids and not entry.fold_away(ids)]


def _entry(row: Message, reader: Reader, relations: Relations, *, is_asked_for: bool) -> Entry:
    parent = relations.parents.get(row.parent_message_id or "")
    replies = relations.replies.get(row.pk, ())
    return Entry(row, reader, is_asked_for, parent=parent, replies=replies)


def _runs(workspace_id: str, run_ids: Collection[str]) -> dict[str, Run]:
    """The rows of these runs by id, as far as they exist."""
    runs = Run.objects.for_workspace(workspace_id).filter(pk__in=run_ids)
    return {run.pk: run for run in runs} if run_ids else {}


def _paging(conversation: Conversation, position: Position, reader: Reader) -> dict[str, str]:
    """The addresses of the neighbouring pages and of both ends; empty where the page is at that end."""
    near = position.window
    also: dict[str, str | int] = {"q": position.query} if position.query else {}

    def address(**query: str | int) -> str:
        return reader.transcript(conversation.pk, **also, **query)

    first, last = (near.rows[0].seq, near.rows[-1].seq) if near.rows else (END, 0)
    return {
        "all": reader.transcript(conversation.pk),
        "older": address(before=first) if near.earlier else "",
        "newer": address(after=last) if near.later else "",
        "oldest": address(after=0) if near.earlier else "",
        "newest": address(newest=1) if near.later else "",
    }


def _last(rows: Sequence[Message]) -> Message | None:
    return rows[-1] if rows else None
