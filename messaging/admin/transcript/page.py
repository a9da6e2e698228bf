"""A page of a transcript: the stretch of messages, made into what the template shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from messaging.models import Conversation, Message, Run
from messaging.services.reading import parts_of_messages

from .entries import Entry
from .folding import fold_results
from .making import piece_of
from .place import Place
from .reader import Reader
from .relations import relations_of
from .stretch import END
from .timeline import Item, timeline

__all__ = ["Page", "entries_of", "page_of"]


@dataclass(frozen=True, slots=True)
class Page:
    """What the template needs beside the conversation."""

    items: Sequence[Item]
    place: Place
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
        """Whether nothing of the conversation stands on another page."""
        return not (self.older or self.newer)


def page_of(conversation: Conversation, place: Place, reader: Reader) -> Page:
    """The page at this place. Statements: parts, runs, parents and replies, for any number of messages."""
    near = place.stretch
    entries = entries_of(near.all, near.rows, reader, found=place.message_id, query=place.query)
    holder = conversation.active_run
    wanted = {name for name in (*(row.run_id for row in near.rows), holder) if name}
    runs = _runs(conversation.workspace_id, wanted)
    before, after = _last(near.earlier), _last(near.later[::-1])
    return Page(
        items=list(timeline(entries, before=before, after=after, runs=runs, reader=reader)),
        place=place,
        holder=runs.get(holder) if holder else None,
        **_ways(conversation, place, reader),
    )


def entries_of(
    rows: Sequence[Message],
    on_page: Sequence[Message],
    reader: Reader,
    *,
    found: str | None = None,
    query: str = "",
) -> list[Entry]:
    """The entries of the messages on the page; `rows` are these and their neighbours.

    `found` is the message that was asked for, `query` the text that all of them were searched for.
    Messages all of which stands under a call are left out: they are shown there.
    """
    if not rows:
        return []
    parts = parts_of_messages(rows, workspace_id=rows[0].workspace_id, link=reader.object)
    relations = relations_of(on_page, reader)
    entries = [
        Entry(
            row,
            reader,
            is_found=row.pk == found,
            parent=relations.parents.get(row.parent_message_id or ""),
            replies=relations.replies.get(row.pk, ()),
        )
        for row in rows
    ]
    for entry in entries:
        entry.pieces = [piece_of(part, entry) for part in parts.get(entry.message.pk, ())]
        if query:
            entry.unfold(query)
    fold_results(entries)
    ids = {row.pk for row in on_page}
    return [entry for entry in entries if entry.message.pk in ids and not entry.fold_away(ids)]


def _runs(workspace_id: str, run_ids: Collection[str]) -> dict[str, Run]:
    """Those of these runs that there are, by id."""
    runs = Run.objects.for_workspace(workspace_id).filter(pk__in=run_ids)
    return {run.pk: run for run in runs} if run_ids else {}


def _ways(conversation: Conversation, place: Place, reader: Reader) -> dict[str, str]:
    """To the neighbouring pages and to both ends; nothing where the page is at that end."""
    near = place.stretch
    also: dict[str, Any] = {"q": place.query} if place.query else {}

    def way(**query: Any) -> str:
        return reader.transcript(conversation.pk, **also, **query)

    first, last = (near.rows[0].seq, near.rows[-1].seq) if near.rows else (END, 0)
    return {
        "all": reader.transcript(conversation.pk),
        "older": way(before=first) if near.earlier else "",
        "newer": way(after=last) if near.later else "",
        "oldest": way(after=0) if near.earlier else "",
        "newest": way(newest=1) if near.later else "",
    }


def _last(rows: Sequence[Message]) -> Message | None:
    return rows[-1] if rows else None
