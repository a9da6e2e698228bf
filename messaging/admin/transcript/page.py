"""A page of a transcript: a window of messages as the entries that the template shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from messaging.models import Conversation, Message, Run
from messaging.services.reading import parts_of_messages

from .entries import Entry, Tool
from .position import END, Position, excerpts, window
from .reader import Reader
from .relations import fold_results, mark_runs, relate
from .rendering import piece_of


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows below the head of the conversation."""

    entries: Sequence[Entry]
    position: Position
    holder: Run | None
    """The run that holds the conversation locked."""
    all: str
    """The address of the transcript without a query."""
    older: str
    newer: str
    oldest: str
    newest: str


def transcript_page(conversation: Conversation, position: Position, reader: Reader) -> Page:
    """The page at this position. Parts, runs, parents and replies take one statement each."""
    near = position.window
    entries = entries_of(near.all, near.rows, reader, asked_for=position.message_id, query=position.query)
    holder = conversation.active_run
    wanted = {name for name in (*(row.run_id for row in near.rows), holder) if name}
    runs = _runs(conversation.workspace_id, wanted)
    before, after = next(iter(near.earlier[-1:]), None), next(iter(near.later), None)
    mark_runs(entries, before=before, after=after, runs=runs)
    return Page(entries, position, runs.get(holder or ""), **_paging(conversation, position, reader))


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
    entries = [Entry(row, reader, is_asked_for=row.pk == asked_for) for row in rows]
    for entry in entries:
        entry.pieces = [piece_of(part, entry) for part in parts.get(entry.message.pk, ())]
        if query:
            entry.unfold(query)
    fold_results(entries)
    ids = {row.pk for row in on_page}
    shown = [entry for entry in entries if entry.message.pk in ids]
    relate(shown, reader)
    return [entry for entry in shown if not entry.fold_away(ids)]


def answers_to(message: Message, reader: Reader) -> list[Message] | None:
    """The messages near by with results of the calls of this one; None where it calls nothing."""
    messages = Message.objects.for_workspace(message.workspace_id).in_conversation(message.conversation_id)
    near = window(excerpts(messages), at=message.seq, after=1)
    own = [entry for entry in entries_of(near.all, near.rows, reader) if entry.message.pk == message.pk]
    pieces = [piece for entry in own for piece in entry.pieces if isinstance(piece, Tool)]
    calls = [piece for piece in pieces if piece.kind == "call"]
    answering = {result.entry.message.pk: result.entry.message for call in calls for result in call.results}
    answering.pop(message.pk, None)
    return list(answering.values()) if calls else None


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
