"""A page of a transcript: a window of messages as the entries that the template shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from messaging.models import Conversation, Message, Run
from messaging.services.reading import parts_of_messages

from .entries import Entry, Tool
from .position import END, Position, call_before, excerpts
from .reader import Reader
from .relations import attach_feedback, fold_results, mark_memories, mark_runs, relate
from .rendering import piece_of
from .window import window


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
    """The page at this position. Parts, runs, parents, replies and feedback take one statement each."""
    near = position.window
    entries = entries_of(near.all, near.rows, reader, asked_for=position.message_id, query=position.query)
    holder = conversation.active_run
    wanted = {name for name in (*(row.run_id for row in near.rows), holder) if name}
    runs = _runs(conversation.workspace_id, wanted)
    attach_feedback(entries, reader)
    mark_runs(entries, before=near.before, after=near.after, runs=runs)
    mark_memories(entries, conversation.workspace_id, reader)
    return Page(entries, position, runs.get(holder or ""), **_paging(conversation, position, reader))


def entries_of(
    rows: Sequence[Message],
    on_page: Sequence[Message],
    reader: Reader,
    *,
    asked_for: str | None = None,
    query: str = "",
    folds: bool = True,
) -> list[Entry]:
    """The entries of the messages on the page; `rows` are these and their neighbours.

    `asked_for` is the message that the address names, `query` the text that all of them were searched for.
    Messages that consist of results alone are left out where the page shows their calls, which show them;
    not without `folds`.
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
    return [entry for entry in shown if not (folds and entry.fold_away(ids))]


def answers_to(message: Message, reader: Reader) -> list[Message] | None:
    """The messages near by with results of the calls of this one; None where it calls nothing."""
    calls = [piece for piece in _tools_of(message, reader) if piece.kind == "call"]
    answering = {result.entry.message.pk: result.entry.message for call in calls for result in call.results}
    answering.pop(message.pk, None)
    return list(answering.values()) if calls else None


def calls_of(message: Message, reader: Reader) -> list[Message] | None:
    """The messages with the calls that the results in this one answer; None where it has no result that names
    a call."""
    results = [piece for piece in _tools_of(message, reader) if piece.kind == "result" and piece.call_id]
    calling = {result.call.entry.message.pk: result.call.entry.message for result in results if result.call}
    missing = {result.call_id for result in results if not result.call}
    messages = Message.objects.for_workspace(message.workspace_id).in_conversation(message.conversation_id)
    far = [call_before(messages, call_id, message.seq) for call_id in missing]
    calling |= {row.pk: row for row in messages.filter(pk__in=[pk for pk in far if pk])} if missing else {}
    calling.pop(message.pk, None)
    return list(calling.values()) if results else None


def _tools_of(message: Message, reader: Reader) -> list[Tool]:
    """The calls and results of a message, tied to those near by."""
    messages = Message.objects.for_workspace(message.workspace_id).in_conversation(message.conversation_id)
    near = window(excerpts(messages), at=message.seq, after=1)
    own = [
        entry
        for entry in entries_of(near.all, near.all, reader, folds=False)
        if entry.message.pk == message.pk
    ]
    return [piece for entry in own for piece in entry.pieces if isinstance(piece, Tool)]


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
        "older": address(before=first) if near.before else "",
        "newer": address(after=last) if near.after else "",
        "oldest": address(after=0) if near.before else "",
        "newest": address(newest=1) if near.after else "",
    }
