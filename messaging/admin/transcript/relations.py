"""What ties the messages of a page together: calls and results, parents and replies, runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models.functions import Left

from messaging.admin.display import brief
from messaging.models import Feedback, MemorySource, Message, MessageQuerySet, Run

from .entries import Entry, Reference, Tool
from .reader import Reader

VIEW_FEEDBACK, VIEW_MEMORIES = "parley.view_feedback", "parley.view_memory"
EXCERPT = 120
MAX_REPLIES = 200
"""Replies that one page names in all; a message may have any number."""


def fold_results(entries: Iterable[Entry]) -> None:
    """Give each call the results that carry its id, and each result its call.

    Agents count their calls anew in every turn, so an id names the last call before its result. Only a
    result that came in before its call, as imports may have it, goes to the next one.
    """
    calls: dict[str, Tool] = {}
    waiting: dict[str, list[Tool]] = defaultdict(list)
    for piece in (piece for entry in entries for piece in entry.pieces):
        if not isinstance(piece, Tool) or not piece.call_id:
            continue
        if piece.kind == "call":
            calls[piece.call_id] = piece
            for result in waiting.pop(piece.call_id, ()):
                _answer(piece, result)
        elif call := calls.get(piece.call_id):
            _answer(call, piece)
        else:
            waiting[piece.call_id].append(piece)


def relate(entries: Sequence[Entry], reader: Reader) -> None:
    """Give entries their parents and replies, in two statements; one where none of them names a parent."""
    if not entries:
        return
    workspace = Message.objects.for_workspace(entries[0].message.workspace_id)
    wanted = {entry.message.parent_message_id for entry in entries if entry.message.parent_message_id}
    parents = {row["pk"]: _reference(row, reader) for row in _brief(workspace.filter(pk__in=wanted))}
    replies: dict[str, list[Reference]] = defaultdict(list)
    answering = workspace.filter(parent_message_id__in=[entry.message.pk for entry in entries])
    for row in _brief(answering.order_by("created_at", "seq")[:MAX_REPLIES]):
        replies[row["parent_message_id"]].append(_reference(row, reader))
    for entry in entries:
        if parent := entry.message.parent_message_id:
            entry.parent = parents.get(parent, Reference(parent))
        entry.replies = replies[entry.message.pk]


def attach_feedback(entries: Sequence[Entry], reader: Reader) -> None:
    """Give entries what is thought of their messages, in one statement, each with its page."""
    if not entries:
        return
    given: dict[str, list[tuple[Feedback, str]]] = defaultdict(list)
    rows = Feedback.objects.for_workspace(entries[0].message.workspace_id)
    for row in rows.of_messages([entry.message.pk for entry in entries]).order_by("created_at", "id"):
        given[row.message_id].append((row, reader.page_if(VIEW_FEEDBACK, "parley_feedback_change", row.pk)))
    for entry in entries:
        entry.feedback = given[entry.message.pk]


def mark_runs(
    entries: Sequence[Entry], *, before: Message | None, after: Message | None, runs: Mapping[str, Run]
) -> None:
    """Tell entries where their run begins and ends. `before` and `after` are the neighbours of the page."""
    own = [entry.message.run_id for entry in entries]
    earlier = [before.run_id if before else None, *own]
    later = [*own[1:], after.run_id if after else None]
    for entry, run_id, previous, following in zip(entries, own, earlier, later, strict=False):
        if run_id:
            is_first = entry is entries[0]
            entry.run = runs.get(run_id)
            entry.continues_run = is_first and previous == run_id
            entry.begins_run = is_first or previous != run_id
            entry.ends_run = following != run_id


def _answer(call: Tool, result: Tool) -> None:
    result.call = call
    call.results.append(result)


def _brief(messages: MessageQuerySet) -> Iterable[Mapping[str, Any]]:
    return messages.values("pk", "role", "parent_message_id", excerpt=Left("content", EXCERPT))


def _reference(row: Mapping[str, Any], reader: Reader) -> Reference:
    return Reference(row["pk"], row["role"], brief(row["excerpt"]), reader.permalink(row["pk"]))


def mark_memories(entries: Sequence[Entry], workspace_id: str, reader: Reader) -> None:
    """Tell each entry what was drawn from its message, by one statement; nothing to who may not see that."""
    if not entries or not reader.user.has_perm(VIEW_MEMORIES):
        return
    shown = {entry.message.pk: entry for entry in entries}
    sources = MemorySource.objects.for_workspace(workspace_id).filter(message__in=list(shown))
    for message_id, memory_id in sources.order_by("pk").values_list("message_id", "memory_id"):
        shown[message_id].memories.append(reader.page("parley_memory_change", memory_id))
