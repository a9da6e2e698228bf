"""Importing conversations: what has an identity of its own is stored once, however often it is imported."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DataError, IntegrityError
from django.utils import timezone

from messaging.exceptions import ConversationNotFound, ParleyError
from messaging.models import Conversation, Message
from messaging.values.ids import derived_id

from .drafts import ConversationState, MessageDraft, Writer, rows_for, store
from .imported import ImportedObject, prepare_imported, store_imported_runs
from .numbers import extend, list_until, lock
from .revising import (
    Move,
    Stored,
    is_outdated,
    move_messages,
    revise_conversation,
    save_revised,
    take_out_replaced,
)
from .transactions import atomic

__all__ = ["Branch", "Imported", "ImportedConversation", "ImportedMessage", "import_conversations"]

MAX_PARAMETERS = 10_000


class Branch(NamedTuple):
    """The branch of a tree that a message is of."""

    name: str | None
    """None for the current one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMessage:
    """A message of another store or file."""

    name: str
    """What tells it from the other messages of its conversation: an id, or what stands for one."""
    draft: MessageDraft
    """With `created_at` where that was part of the identity of the message, as it is for history that an
    application posts."""
    parent: str | None = None
    """The name of the message that it answers."""
    run: str | None = None
    """The name of the run that wrote it."""
    branch: Branch | None = None
    """For a message of a tree, whose branches change places while the tree grows."""
    dedup_key: str | None = None
    """See Message; None for a message that was live."""
    is_known_by_checksum: bool = False
    """Whether its checksum is its `dedup_key`."""
    columns: Mapping[str, Any] = field(default_factory=dict)
    """Further columns of Message as they were."""
    objects: Sequence[ImportedObject] = ()
    """The large values of the message, which its draft and the parts of that name by their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedConversation:
    """A conversation of another store or file, or some of its messages."""

    candidates: Sequence[str]
    """Ids that it may have here. That which the workspace has, else the first that is free, is its id."""
    grown_from: Sequence[str] = ()
    """Ids that it has here if less of it was imported before; asked where there is no candidate."""
    source_id: str | None = None
    """Its id where it comes from, if that may stay: then its messages and runs may keep theirs."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Columns of Conversation, for one that is not there yet."""
    messages: Sequence[ImportedMessage] = ()
    runs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Columns of Run, by name."""
    keys: frozenset[str] = frozenset()
    """The `dedup_key` of all its messages, also of those that are not among `messages`; for `grown_from`."""
    updated_at: datetime | None = None
    """When something happened to it last; None for now."""
    revision: Mapping[str, Any] | None = None
    """Columns of Conversation as they are where it comes from, for one that is there and older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a conversation."""

    conversation_id: str | None = None
    is_new: bool = False
    added: int = 0
    """New messages. The others were there already."""
    changed: int = 0
    """Messages that were there and followed a newer version."""
    is_changed: bool = False
    """Whether the conversation was there and followed a newer version."""
    problem: str | None = None
    """Why nothing of it was stored."""
    is_divisible: bool = False
    """Whether some of its messages could be stored without the others, where there is a problem."""


def import_conversations(
    *,
    workspace_id: str,
    conversations: Sequence[ImportedConversation],
    writer: Writer,
    keeps_ids: bool = True,
    revises: bool = True,
    taken: Container[str | None] = (),
) -> list[Imported]:
    """Store what is not there yet, behind what is; an outcome for each conversation.

    With `revises` what is there follows newer versions of itself, see `is_outdated`; without, it stays.

    All is one transaction, and each conversation is stored whole or, with a problem, not at all. With
    `keeps_ids` an exported conversation keeps its id and those of its messages, runs, parts and objects
    where they are free; without, whether an id is taken in another workspace makes no difference. `taken`
    are the conversations that this import has stored before: none of them has grown into another one, and
    one that is gone was deleted meanwhile.
    """
    outcomes = []
    met: set[str | None] = set()
    with ExitStack() as files, atomic():
        for conversation in conversations:
            entry = _Entry(workspace_id, conversation, writer, keeps_ids, revises, (met, taken))
            outcomes.append(_outcome(entry, files))
            met.add(outcomes[-1].conversation_id)
    return outcomes


def _outcome(entry: "_Entry", files: ExitStack) -> Imported:
    for _ in range(2):  # again where others imported the same meanwhile, or deleted it
        try:
            with ExitStack() as own, atomic():
                outcome = entry.store(own)
                files.enter_context(own.pop_all())
        except (IntegrityError, DataError) as error:
            outcome = Imported(problem=f"Not stored: {error}", is_divisible=True)
        except ConversationNotFound:  # deleted since it was looked up; a further part has nothing to follow
            outcome = Imported(problem="The conversation was deleted while it was imported")
        except ParleyError as error:
            return Imported(problem=str(error))
        else:
            return outcome
    return outcome


@dataclass(slots=True)
class _Entry:
    workspace_id: str
    conversation: ImportedConversation
    writer: Writer
    keeps_ids: bool
    revises: bool
    taken: Sequence[Container[str | None]]

    def store(self, files: ExitStack) -> Imported:
        conversation_id, is_new = self._resolved()
        keeps_ids = self.keeps_ids and conversation_id == self.conversation.source_id
        state = self._opened(conversation_id) if is_new else self._locked(conversation_id)
        named = _Names(conversation_id, self.conversation, keeps_ids)
        if self.conversation.runs:
            store_imported_runs(
                workspace_id=self.workspace_id,
                conversation_id=conversation_id,
                runs={named.run(name): run for name, run in self.conversation.runs.items()},
            )
        fresh, known = named.sorted()
        is_changed = not is_new and self._follow_conversation(conversation_id)
        changed = self._revise(state, known, named, keeps_ids, files) if self.revises else 0
        changed += self._move(state, known, named) if self.revises else 0
        self._append(state, fresh, named, keeps_ids, files)
        return Imported(
            conversation_id=conversation_id,
            is_new=is_new,
            added=len(fresh),
            changed=changed,
            is_changed=is_changed,
        )

    def _resolved(self) -> tuple[str, bool]:
        """(id of the conversation, whether it is to be made).

        Raises ConversationNotFound for one that this import has stored before and that is gone.
        """
        workspaces = _workspaces_of(self.conversation.candidates)
        for candidate in self.conversation.candidates:
            if workspaces.get(candidate) == self.workspace_id:
                return candidate, False
        if any(candidate in names for candidate in self.conversation.candidates for names in self.taken):
            raise ConversationNotFound
        if grown := self._grown():
            return grown, False
        last = self.conversation.candidates[-1]
        if not self.keeps_ids:
            return last, True
        return next((name for name in self.conversation.candidates if name not in workspaces), last), True

    def _grown(self) -> str | None:
        """The conversation that this one began as, if it is here and the same as far as it goes."""
        workspaces = _workspaces_of(self.conversation.grown_from)
        keys = self.conversation.keys
        for candidate in self.conversation.grown_from:
            is_taken = candidate in workspaces and any(candidate in names for names in self.taken)
            if workspaces.get(candidate) == self.workspace_id and not is_taken:
                messages = Message.objects.for_workspace(self.workspace_id).in_conversation(candidate)
                stored = set(
                    messages.filter(dedup_key__isnull=False).values_list("dedup_key", flat=True).iterator()
                )
                if stored <= keys or keys <= stored:
                    return candidate
        return None

    def _opened(self, conversation_id: str) -> ConversationState:
        now = timezone.now()
        given = dict(self.conversation.fields)
        user_id = given.pop("user_id", None) or self.writer.user_id
        row = Conversation(
            id=conversation_id,
            workspace_id=self.workspace_id,
            user_id=user_id,
            owner_id=given.pop("owner_id", None) or user_id or self.writer.owner_id,
            created_by=given.pop("created_by", None) or self.writer.owner_id,
            **({"created_at": now, "updated_at": self.conversation.updated_at or now} | given),
        )
        row.save(force_insert=True)
        return ConversationState(self.workspace_id, row.pk, 0, now, now, row.user_id, row.owner_id)

    def _locked(self, conversation_id: str) -> ConversationState:
        return lock(self.workspace_id, conversation_id, run_id=None)

    def _append(
        self,
        state: ConversationState,
        fresh: Mapping[str, ImportedMessage],
        named: "_Names",
        keeps_ids: bool,
        files: ExitStack,
    ) -> None:
        if not fresh:
            return
        given = [(_draft(state, key, message, named), message.objects) for key, message in fresh.items()]
        batch = prepare_imported(self.workspace_id, given, keeps_ids=keeps_ids)
        files.enter_context(batch.files_written())
        rows = [
            _row(state, *one, named, self.writer) for one in zip(batch.drafts, fresh.values(), strict=True)
        ]
        state = extend(state, rows, happened=self.conversation.updated_at)
        store(state, rows, self.writer)
        batch.store(rows)

    def _follow_conversation(self, conversation_id: str) -> bool:
        given = self.conversation
        if not self.revises or given.revision is None or given.updated_at is None:
            return False
        return revise_conversation(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            columns=given.revision,
            updated_at=given.updated_at,
        )

    def _revise(
        self,
        state: ConversationState,
        known: Mapping[str, tuple[ImportedMessage, Stored]],
        named: "_Names",
        keeps_ids: bool,
        files: ExitStack,
    ) -> int:
        """Let messages follow their newer versions; returns how many did."""
        outdated = {
            key: message for key, (message, stored) in known.items() if is_outdated(stored, message.columns)
        }
        if not outdated:
            return 0
        given = [(_draft(state, key, message, named), message.objects) for key, message in outdated.items()]
        kept = take_out_replaced(self.workspace_id, [draft for draft, _ in given])
        batch = prepare_imported(self.workspace_id, given, keeps_ids=keeps_ids, stored=kept)
        files.enter_context(batch.files_written())
        rows = [
            _row(state, *one, named, self.writer) for one in zip(batch.drafts, outdated.values(), strict=True)
        ]
        save_revised(self.workspace_id, rows, {key: stored for key, (_, stored) in known.items()})
        batch.store(rows)
        return len(rows)

    def _move(
        self,
        state: ConversationState,
        known: Mapping[str, tuple[ImportedMessage, Stored]],
        named: "_Names",
    ) -> int:
        """Let messages change places with the branches of their tree; returns how many did."""
        moves = {
            key: Move(
                created_at=message.columns["created_at"],
                parent_message_id=named.message(message.parent) if message.parent else None,
                branch=message.branch.name,
            )
            for key, (message, stored) in known.items()
            if message.branch and message.columns.get("created_at", stored.created_at) != stored.created_at
        }
        if moves:
            move_messages(self.workspace_id, moves)
            list_until(state, max(move.created_at for move in moves.values()))
        return len(moves)


class _Names:
    """The ids that messages and runs have here."""

    def __init__(self, conversation_id: str, conversation: ImportedConversation, keeps_ids: bool) -> None:
        self.conversation_id = conversation_id
        self.messages = conversation.messages
        self.is_same = conversation_id == conversation.source_id
        self.keeps_ids = keeps_ids

    def message(self, name: str) -> str:
        return name if self.is_same else self.derived("msg", name)

    def run(self, name: str) -> str:
        return name if self.is_same else self.derived("run", name)

    def derived(self, prefix: str, name: str) -> str:
        return derived_id(prefix, self.conversation_id, name)

    def sorted(self) -> tuple[dict[str, ImportedMessage], dict[str, tuple[ImportedMessage, Stored]]]:
        """(the messages that are not there yet, those that are), by the ids that they have here."""
        ids = [self.derived("msg", message.name) for message in self.messages]
        names = [message.name for message in self.messages] if self.is_same else []
        stored = _stored([*ids, *names])
        fresh: dict[str, ImportedMessage] = {}
        known: dict[str, tuple[ImportedMessage, Stored]] = {}
        for derived, message in zip(ids, self.messages, strict=True):
            for key in (derived, message.name):
                if key in stored and stored[key].conversation_id == self.conversation_id:
                    known.setdefault(key, (message, stored[key]))
                    break
            else:
                is_free = self.keeps_ids and message.name not in stored
                fresh.setdefault(message.name if is_free else derived, message)
        return fresh, known


def _draft(
    state: ConversationState, message_id: str, message: ImportedMessage, named: _Names
) -> MessageDraft:
    """The draft with the ids that hold here."""
    replied, created_at = message.draft.parent_message_id, message.draft.created_at
    return replace(
        message.draft,
        id=message_id,
        created_at=created_at or (state.latest if message.dedup_key else None),
        parent_message_id=named.message(message.parent) if message.parent else replied,
        run_id=named.run(message.run) if message.run else None,
    )


def _row(
    state: ConversationState, draft: MessageDraft, message: ImportedMessage, named: _Names, writer: Writer
) -> Message:
    """A row for itself, with its columns as they were: no other message of the file moves its time."""
    [row] = rows_for(state, [draft], writer)
    for name, value in message.columns.items():
        setattr(row, name, value)
    is_another = message.is_known_by_checksum and not named.is_same
    row.dedup_key = row.checksum if is_another else message.dedup_key
    return row


def _workspaces_of(conversation_ids: Sequence[str]) -> dict[str, str]:
    """The workspace of each conversation that there is; primary keys are unique across workspaces."""
    workspaces: dict[str, str] = {}
    for some in _slices(conversation_ids):
        workspaces |= dict(Conversation.objects.filter(pk__in=some).values_list("pk", "workspace_id"))
    return workspaces


def _stored(message_ids: Sequence[str]) -> dict[str, Stored]:
    """Those of these messages that are there, in whatever workspace."""
    stored: dict[str, Stored] = {}
    for some in _slices(message_ids):
        rows = Message.objects.filter(pk__in=some).values_list("pk", *Stored._fields)
        stored |= {pk: Stored(*values) for pk, *values in rows}
    return stored


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), MAX_PARAMETERS):
        yield ids[start : start + MAX_PARAMETERS]
