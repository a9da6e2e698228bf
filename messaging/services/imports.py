"""Importing conversations: what has an identity of its own is stored once, however often it is imported."""

from collections.abc import Collection, Container, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import MappingProxyType

from django.db import DataError, IntegrityError
from django.utils import timezone

from messaging.exceptions import ConversationNotFound, ParleyError
from messaging.models import Conversation, Message
from messaging.values.choices import ChangeKind

from .clock import credible
from .drafts import ConversationState, Writer, store
from .import_ids import Known, Names, draft_here, row_here, workspaces_of
from .import_shapes import Imported, ImportedConversation, ImportedMessage
from .imported import prepare_imported, store_imported_runs
from .numbers import extend, list_until, lock
from .prepared import PreparedBatch
from .recording import change_of, record
from .revising import (
    Move,
    is_outdated,
    move_messages,
    revise_conversation,
    save_revised,
    take_out_replaced,
)
from .transactions import atomic

NOTHING_KEPT: Mapping[str, Collection[str]] = MappingProxyType({})


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
        named = Names(conversation_id, self.conversation, keeps_ids)
        if self.conversation.runs:
            store_imported_runs(
                workspace_id=self.workspace_id,
                conversation_id=conversation_id,
                runs={named.run(name): run for name, run in self.conversation.runs.items()},
            )
        fresh, known = named.sorted()
        is_changed = not is_new and self._follow_conversation(conversation_id)
        changed = self._revise(state, known, named, files) if self.revises else 0
        changed += self._move(state, known, named) if self.revises else 0
        self._append(state, fresh, named, files)
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
        workspaces = workspaces_of(self.conversation.candidates)
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
        workspaces = workspaces_of(self.conversation.grown_from)
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
            **({"created_at": now, "updated_at": credible(self.conversation.updated_at) or now} | given),
        )
        row.save(force_insert=True)
        created = ChangeKind.CONVERSATION_CREATED
        record(change_of(created, self.workspace_id, conversation_id=row.pk, imported=True))
        return ConversationState(self.workspace_id, row.pk, 0, now, now, row.user_id, row.owner_id)

    def _locked(self, conversation_id: str) -> ConversationState:
        return lock(self.workspace_id, conversation_id, run_id=None)

    def _append(
        self,
        state: ConversationState,
        fresh: Mapping[str, ImportedMessage],
        named: Names,
        files: ExitStack,
    ) -> None:
        if fresh:
            batch = self._prepared(state, fresh, named)
            files.enter_context(batch.files_written())
            rows = self._rows(state, batch, fresh, named)
            state = extend(state, rows, happened=self.conversation.updated_at)
            store(state, rows, self.writer, imported=True)
            batch.store(rows)

    def _prepared(
        self,
        state: ConversationState,
        messages: Mapping[str, ImportedMessage],
        named: Names,
        kept: Mapping[str, Collection[str]] = NOTHING_KEPT,
    ) -> PreparedBatch:
        """These messages with all that belongs to them; `kept` are the objects that some have already."""
        given = [
            (draft_here(state, key, message, named), message.objects) for key, message in messages.items()
        ]
        return prepare_imported(self.workspace_id, given, keeps_ids=named.keeps_ids, stored=kept)

    def _rows(
        self,
        state: ConversationState,
        batch: PreparedBatch,
        messages: Mapping[str, ImportedMessage],
        named: Names,
    ) -> list[Message]:
        pairs = zip(batch.drafts, messages.values(), strict=True)
        return [row_here(state, draft, message, named, self.writer) for draft, message in pairs]

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

    def _revise(self, state: ConversationState, known: Known, named: Names, files: ExitStack) -> int:
        """Let messages follow their newer versions; returns how many did."""
        outdated = {
            key: message for key, (message, stored) in known.items() if is_outdated(stored, message.columns)
        }
        if outdated:
            kept = take_out_replaced(
                self.workspace_id, {key: message.draft for key, message in outdated.items()}
            )
            batch = self._prepared(state, outdated, named, kept)
            files.enter_context(batch.files_written())
            rows = self._rows(state, batch, outdated, named)
            save_revised(self.workspace_id, rows, {key: stored for key, (_, stored) in known.items()})
            batch.store(rows)
        return len(outdated)

    def _move(
        self,
        state: ConversationState,
        known: Known,
        named: Names,
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
