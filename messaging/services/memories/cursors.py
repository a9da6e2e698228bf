"""How far memories are drawn from each conversation: what asks for more, and what is done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone

from messaging.conf import memory_settings
from messaging.models import ChangeReader, Job, MemoryCursor, Message
from messaging.models.job import UNTRIED
from messaging.models.memory_cursor import MemoryCursorQuerySet
from messaging.services.transactions import atomic, write_database
from messaging.values.choices import UNFINISHED, JobState

DRAW, TEND = "draw_memories", "tend_memories"
"""The kinds of jobs that draw memories from a conversation, and look after those of a workspace."""
MOVED = ("drawn_seq", "wanted_seq", "job_id", "is_enqueued")
ATTEMPTS = 1_000_000
"""Of such a job: an extractor that does not answer is asked until it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Messages of a conversation from which memories are to be drawn."""

    workspace_id: str
    conversation_id: str
    first_seq: int
    last_seq: int


def want_memories(
    *,
    wanted: Sequence[Wanted] = (),
    stirred: Collection[str] = (),
    reader: str | None = None,
    position: str | None = None,
) -> None:
    """Have a worker draw memories from these messages, and look after those of the `stirred` workspaces.

    With `reader` its position moves in the same transaction. Asked twice it is done once.
    """
    with atomic():
        for each in wanted:
            _want(each)
        for workspace_id in stirred:
            _tend(workspace_id)
        if reader is not None:
            _move(reader, position or "")


def want_message(row: Message) -> None:
    """Have a worker draw memories from this message alone: those behind it were drawn already."""
    if memory_settings().extractor is not None:
        named = {"workspace_id": row.workspace_id, "conversation_id": row.conversation_id}
        _enqueued(DRAW, row.workspace_id, {**named, "message_id": row.pk})


def reader_of(name: str) -> ChangeReader | None:
    """How far this reader has come; None for one that begins."""
    return ChangeReader.objects.using(write_database()).filter(pk=name).first()


def advance_cursor(*, workspace_id: str, conversation_id: str, drawn_seq: int, to: int) -> bool:
    """Note that memories were drawn up to this number; False where the cursor is not where it was seen.

    To be called in the transaction that stores them, so that they are stored once.
    """
    rows = _cursors(workspace_id, conversation_id).filter(drawn_seq=drawn_seq)
    return bool(rows.update(drawn_seq=to, failures=0))


def note_failure(*, workspace_id: str, conversation_id: str, drawn_seq: int) -> int:
    """Note that the extractor has failed at what comes next; returns how often in a row."""
    rows = _cursors(workspace_id, conversation_id).filter(drawn_seq=drawn_seq)
    counted = rows.update_returning(("failures",), failures=F("failures") + 1)
    return int(counted[0][0]) if counted else 0


def end_drawing(*, workspace_id: str, conversation_id: str) -> bool:
    """Let the job of a conversation end; False where there is more to draw by now."""
    rows = _cursors(workspace_id, conversation_id)
    is_done = bool(rows.filter(drawn_seq__gte=F("wanted_seq")).update(is_enqueued=False))
    return is_done or not rows.exists()


def forget_cursors(workspace_id: str, conversation_ids: Collection[str] | None = None) -> None:
    """Delete the cursors of conversations that are gone, None for all of the workspace."""
    rows = MemoryCursor.objects.for_workspace(workspace_id)
    named = rows if conversation_ids is None else rows.filter(conversation_id__in=conversation_ids)
    named.delete_rows()


def _want(wanted: Wanted) -> None:
    cursors = _cursors(wanted.workspace_id, wanted.conversation_id)
    cursor = cursors.select_for_update().first() or _new_cursor(wanted)
    if cursor.drawn_seq >= cursor.wanted_seq:  # what lies between did not ask for it
        cursor.drawn_seq = max(cursor.drawn_seq, wanted.first_seq - 1)
    cursor.wanted_seq = max(cursor.wanted_seq, wanted.last_seq)
    if cursor.drawn_seq >= cursor.wanted_seq:
        return
    if not (cursor.is_enqueued and _is_unfinished(cursor.job_id)):
        parameters = {"workspace_id": wanted.workspace_id, "conversation_id": wanted.conversation_id}
        again = _enqueued_again(cursor.job_id)
        cursor.job_id = again or _enqueued(DRAW, wanted.workspace_id, parameters)
        cursor.is_enqueued = True
    cursor.save(using=write_database(), update_fields=MOVED)


def _new_cursor(wanted: Wanted) -> MemoryCursor:
    before = wanted.first_seq - 1
    cursor = MemoryCursor(
        workspace_id=wanted.workspace_id,
        conversation_id=wanted.conversation_id,
        drawn_seq=before,
        wanted_seq=before,
    )
    cursor.save(force_insert=True, using=write_database())
    return cursor


def _tend(workspace_id: str) -> None:
    """Enqueue the job that looks after the memories of a workspace, unless one waits already."""
    waiting = Job.objects.using(write_database()).filter(kind=TEND, workspace_id=workspace_id)
    if not waiting.filter(state=UNFINISHED[0]).exists():
        _enqueued(TEND, workspace_id, {"workspace_id": workspace_id})


def _is_unfinished(job_id: str | None) -> bool:
    jobs = Job.objects.using(write_database()).filter(pk=job_id, state__in=UNFINISHED)
    return job_id is not None and jobs.exists()


def _enqueued_again(job_id: str | None) -> str | None:
    """Enqueue a job that has ended once more, so that a conversation has one row; None where it is gone, or
    has not quite ended."""
    ended = Job.objects.using(write_database()).filter(pk=job_id).exclude(state__in=UNFINISHED)
    fresh = {"state": JobState.QUEUED, "run_at": timezone.now(), "is_cancel_requested": False}
    return job_id if job_id and ended.update(**fresh, **UNTRIED) else None


def _enqueued(kind: str, workspace_id: str, parameters: Mapping[str, Any]) -> str:
    job = Job(kind=kind, workspace_id=workspace_id, parameters=dict(parameters), max_attempts=ATTEMPTS)
    job.save(force_insert=True, using=write_database())
    return str(job.pk)


def _move(reader: str, position: str) -> None:
    rows = ChangeReader.objects.using(write_database())
    values = {"position": position, "moved_at": timezone.now()}
    rows.update_or_create(name=reader, defaults=values)


def _cursors(workspace_id: str, conversation_id: str) -> MemoryCursorQuerySet:
    rows = MemoryCursor.objects.using(write_database()).for_workspace(workspace_id)
    return rows.filter(conversation_id=conversation_id)
