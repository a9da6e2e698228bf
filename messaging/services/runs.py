"""The ledger of runs. Whoever changes a run holds the row of its conversation, which is the lock of both."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from messaging.conf import parley_settings
from messaging.exceptions import ConversationNotFound, RunEnded, RunNotFound
from messaging.models import Conversation, Message, Run
from messaging.values.choices import RunStatus

from .appending import append_prepared
from .conversations import create_conversation
from .drafts import MessageDraft, Writer
from .locks import change_of_run, end_of_run, release_if_stale, require_lock, unlock
from .prepared import PreparedBatch, prepare
from .recording import record
from .retries.idempotency import append_once
from .rows import differing, locked_ids, require_editable, write
from .transactions import atomic, reading_for_write, undivided, write_database

EDITABLE = frozenset({"instructions", "meta_data", "model", "tools", "usage"})


def create_run(
    *,
    workspace_id: str,
    conversation_id: str,
    agent_id: str,
    drafts: Sequence[MessageDraft] = (),
    writer: Writer | None = None,
    **fields: Any,
) -> Run:
    """Open a run, which locks its conversation, behind these further messages; all or nothing.

    `fields` are columns of Run. Raises ConversationNotFound, ConversationLocked while another run holds the
    conversation.
    """
    batch = prepare(workspace_id, drafts)
    now = timezone.now()
    run = Run(
        workspace_id=workspace_id,
        conversation_id=conversation_id,
        agent_id=agent_id,
        created_at=now,
        expires_at=_expiry(now),
        **fields,
    )
    with batch.files_written(), undivided():
        if drafts:
            append_prepared(workspace_id, conversation_id, batch, writer or Writer())
        _take_lock(run)
        run.save(force_insert=True, using=write_database())
        record(change_of_run(run, RunStatus.QUEUED))
    return run


def create_conversation_with_run(
    *,
    workspace_id: str,
    writer: Writer,
    run: Mapping[str, Any],
    drafts: Sequence[MessageDraft] = (),
    **fields: Any,
) -> Run:
    """Open a conversation with its first messages, and a run in it, all or nothing.

    `run` are columns of the one, `fields` of the other. Raises what `create_conversation` does.
    """
    with undivided():
        conversation, _ = create_conversation(
            workspace_id=workspace_id, writer=writer, drafts=drafts, **fields
        )
        return create_run(workspace_id=workspace_id, conversation_id=conversation.pk, **run)


def append_run_message(
    *,
    workspace_id: str,
    conversation_id: str,
    run_id: str,
    draft: MessageDraft,
    writer: Writer,
    client_id: str | None = None,
) -> Message:
    """Store a message of the run, which is running from the first of them on and gets a new expiry by each.

    Raises ConversationNotFound, RunNotFound, RunEnded, ClientIdReused.
    """
    batch = prepare(workspace_id, [draft])

    def append() -> Message:
        with atomic():
            run = _locked_run(workspace_id, conversation_id, run_id)
            return _append(run, batch, writer)[0]

    with batch.files_written():
        return append_once(
            workspace_id=workspace_id,
            conversation_id=conversation_id,
            client_id=client_id,
            draft=draft,
            append=append,
        )


def append_run_messages(
    *,
    workspace_id: str,
    conversation_id: str,
    run_id: str,
    drafts: Callable[[Run], Sequence[MessageDraft]],
    writer: Writer,
) -> tuple[Run, list[Message]]:
    """Store messages of the run, all or none; `drafts` makes them while the run is locked.

    Their large values are written as files within the transaction. Raises ConversationNotFound, RunNotFound,
    RunEnded, and what `drafts` raises.
    """
    with ExitStack() as files, atomic():
        run = _locked_run(workspace_id, conversation_id, run_id)
        _require_active(run)
        batch = prepare(workspace_id, drafts(run))
        files.enter_context(batch.files_written())
        return run, _append(run, batch, writer)


def update_run(
    *,
    workspace_id: str,
    conversation_id: str,
    run_id: str,
    status: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Run:
    """Give fields of a run new values, start it, end it or cancel it; to end it unlocks its conversation.

    `meta_data` is merged into what is there. A run that has ended takes the same status again, so that the
    call can be repeated, and late figures.
    Raises ConversationNotFound, RunNotFound, RunEnded.
    """
    values = dict(changes or {})
    require_editable(values, EDITABLE)
    with atomic():
        run = _locked_run(workspace_id, conversation_id, run_id)
        if "meta_data" in values:
            values["meta_data"] = {**run.meta_data, **values["meta_data"]}
        reached = status if status != run.status else None
        if reached is not None:
            _require_active(run)
            values |= _started(run) if reached == RunStatus.RUNNING else _ended(run, reached)
        values = differing(run, values)
        write(Run.objects.for_workspace(workspace_id), run, values)
        if values:
            record(change_of_run(run, reached))
    return run


@reading_for_write()
def fail_stale_runs() -> int:
    """Fail every run that is past its time and unlock its conversation; returns how many there were."""
    stale = Run.objects.stale(timezone.now()).values_list("workspace_id", "conversation_id", "pk")
    return sum(_fail_if_stale(*ids) for ids in list(stale))


def _fail_if_stale(workspace_id: str, conversation_id: str, run_id: str) -> bool:
    with atomic():
        is_there = bool(_lock(workspace_id, conversation_id))
        return is_there and release_if_stale(workspace_id, conversation_id, run_id)


def _take_lock(run: Run) -> None:
    """Lock the row of the conversation and make this run its holder, unless another is."""
    rows = Conversation.objects.for_workspace(run.workspace_id).filter(pk=run.conversation_id)
    held = rows.update_returning(("active_run",), active_run=Coalesce(F("active_run"), Value(run.pk)))
    if not held:
        raise ConversationNotFound
    [(holder,)] = held
    if holder != run.pk:
        require_lock(run.workspace_id, run.conversation_id, holder, None)
        rows.update(active_run=run.pk)


def _lock(workspace_id: str, conversation_id: str) -> list[str]:
    """Lock the row of the conversation; its id, if there is one."""
    return locked_ids(Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id))


def _locked_run(workspace_id: str, conversation_id: str, run_id: str) -> Run:
    if not _lock(workspace_id, conversation_id):
        raise ConversationNotFound
    run = Run.objects.for_workspace(workspace_id).in_conversation(conversation_id).filter(pk=run_id).first()
    if run is None:
        raise RunNotFound
    return run


def _append(run: Run, batch: PreparedBatch, writer: Writer) -> list[Message]:
    """Store messages of a locked run, which runs by that."""
    _require_active(run)
    by_run = replace(writer, run_id=run.pk, agent_id=run.agent_id)
    rows = append_prepared(run.workspace_id, run.conversation_id, batch, by_run)
    is_first = run.status == RunStatus.QUEUED
    write(Run.objects.for_workspace(run.workspace_id), run, _started(run))
    if is_first:
        record(change_of_run(run, RunStatus.RUNNING))
    return rows


def _require_active(run: Run) -> None:
    if not run.is_active:
        raise RunEnded(run.status)
    if run.expires_at <= timezone.now():
        raise RunEnded("expired")


def _started(run: Run) -> dict[str, Any]:
    now = timezone.now()
    return {"status": RunStatus.RUNNING, "started_at": run.started_at or now, "expires_at": _expiry(now)}


def _ended(run: Run, status: str) -> dict[str, Any]:
    """What ending a run changes in it; its conversation is unlocked here."""
    unlock(run.workspace_id, run.conversation_id, run.pk)
    return end_of_run(RunStatus(status), timezone.now())


def _expiry(now: datetime) -> datetime:
    return now + timedelta(seconds=parley_settings().run_seconds)
