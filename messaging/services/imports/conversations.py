"""Importing conversations: what has an identity of its own is stored once, however often it is imported."""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from django.db import DataError, IntegrityError
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext

from messaging.content import TokenCount
from messaging.exceptions import ConversationNotFound, ParleyError, StorageUnavailable
from messaging.models import Conversation, Message
from messaging.services.announcing import announce_updated
from messaging.services.clock import credible, later_than
from messaging.services.conversations import opened, own_id
from messaging.services.drafts import ConversationState, MessageDraft, Writer, rows_for, store
from messaging.services.feedback import store_feedback
from messaging.services.memories.stored import store_dismissals
from messaging.services.numbers import extend, lock
from messaging.services.prepared import PreparedBatch
from messaging.services.recording import change_of, changes_of_messages, record
from messaging.services.superseding import count_superseded
from messaging.services.transactions import atomic, write_database
from messaging.values.choices import ChangeKind
from messaging.values.tokens import WRITER

from .contents import prepare_imported, store_imported_runs
from .ids import Known, Names, id_here
from .revising import Stored, is_outdated, revise_conversation, save_revised, take_out_replaced
from .shapes import Imported, ImportedConversation, ImportedMessage

MOVED = ("created_at", "parent_message_id", "superseded_by")


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
        for given in conversations:
            names = partial(id_here, workspace_id, given, keeps_ids=keeps_ids, taken=(met, taken))
            imported = partial(_import, workspace_id, given, writer, names, keeps_ids, revises)
            outcomes.append(_outcome(imported, files))
            met.add(outcomes[-1].conversation_id)
    return outcomes


def _outcome(imported: Callable[[ExitStack], Imported], files: ExitStack) -> Imported:
    for _ in range(2):  # again where others imported the same meanwhile, or deleted it
        try:
            with ExitStack() as own, atomic():
                outcome = imported(own)
                files.enter_context(own.pop_all())
        except (IntegrityError, DataError) as error:
            told = gettext("Not stored: %(reason)s") % {"reason": error}
            outcome = Imported(problem=told, is_divisible=True)
        except ConversationNotFound:  # deleted since it was looked up; a further part has nothing to follow
            outcome = Imported(problem=gettext("The conversation was deleted while it was imported"))
        except StorageUnavailable:  # every further conversation would meet it
            raise
        except ParleyError as error:
            return Imported(problem=str(error))
        else:
            return outcome
    return outcome


def _import(
    workspace_id: str,
    given: ImportedConversation,
    writer: Writer,
    resolved: Callable[[], tuple[str, bool]],
    keeps_ids: bool,
    revises: bool,
    files: ExitStack,
) -> Imported:
    conversation_id, is_new = resolved()
    state = (
        _open(workspace_id, conversation_id, given, writer)
        if is_new
        else lock(workspace_id, conversation_id, run_id=None)
    )
    names = Names(conversation_id, given, keeps_ids and conversation_id == given.source_id)
    arrival = _Arrival(given, names, state, writer, files)
    runs = {names.here("run", name): run for name, run in given.runs.items()}
    store_imported_runs(workspace_id, conversation_id, runs)
    fresh, known = names.sorted()
    is_changed = revises and not is_new and revise_conversation(workspace_id, conversation_id, given)
    changed = arrival.revise(known) + arrival.move(known) if revises else 0
    arrival.append(fresh)
    if changed:
        count_superseded(workspace_id, conversation_id)
    rated = {**fresh, **(_unredacted(known) if revises else {})}
    given_feedback = {key: message.feedback for key, message in rated.items() if message.feedback}
    store_feedback(workspace_id, conversation_id, given_feedback, keeps_ids=names.keeps_ids)
    store_dismissals(
        workspace_id, [(key, each) for key, message in rated.items() for each in message.dismissed_memories]
    )
    return Imported(
        conversation_id=conversation_id,
        is_new=is_new,
        added=len(fresh),
        objects=sum(len(message.objects) for message in fresh.values()),
        changed=changed,
        is_changed=is_changed,
    )


def _unredacted(known: Known) -> dict[str, ImportedMessage]:
    """Those that are here with their words: no import brings back what people wrote of the others."""
    return {key: message for key, (message, stored) in known.items() if stored.redacted_at is None}


def _open(
    workspace_id: str, conversation_id: str, given: ImportedConversation, writer: Writer
) -> ConversationState:
    updated_at = credible(given.updated_at) or timezone.now()
    fields = {**given.fields, "id": conversation_id, "updated_at": updated_at}
    row, state = opened(workspace_id, writer, fields)
    with own_id(workspace_id, row.external_id):
        row.save(force_insert=True, using=write_database())
    record(change_of(ChangeKind.CONVERSATION_CREATED, workspace_id, conversation_id=row.pk, imported=True))
    return state


@dataclass(frozen=True, slots=True)
class _Arrival:
    """The messages of a conversation on their way into the one that is locked here."""

    given: ImportedConversation
    names: Names
    state: ConversationState
    writer: Writer
    files: ExitStack

    def append(self, fresh: Mapping[str, ImportedMessage]) -> None:
        """Store these messages, by the ids that they have here, behind those that are there."""
        if fresh:
            batch, rows = self._prepared(fresh, {})
            store(extend(self.state, rows, happened=self.given.updated_at), rows, self.writer, imported=True)
            batch.store(rows)

    def revise(self, known: Known) -> int:
        """Let messages follow their newer versions; returns how many did."""
        outdated = {
            key: message for key, (message, stored) in known.items() if is_outdated(stored, message.columns)
        }
        if outdated:
            drafts = {key: message.draft for key, message in outdated.items()}
            kept = take_out_replaced(self.state.workspace_id, drafts)
            batch, rows = self._prepared(outdated, kept)
            save_revised(self.state.workspace_id, rows, {key: stored for key, (_, stored) in known.items()})
            batch.store(rows)
        return len(outdated)

    def move(self, known: Known) -> int:
        """Let messages change places with the branches of their tree; returns how many did."""
        tree = {self.names.here("msg", message.name) for message in self.given.messages}
        moved = {
            key: message
            for key, (message, stored) in known.items()
            if message.is_of_tree and self._is_moved(message, stored, tree)
        }
        if not moved:
            return 0
        messages = Message.objects.for_workspace(self.state.workspace_id)
        rows = list(messages.filter(pk__in=moved))
        for row in rows:
            self._relist(row, moved[row.pk], tree)
        messages.update_each(rows, (*MOVED, "updated_at"))
        record(*changes_of_messages(ChangeKind.MESSAGES_UPDATED, rows, imported=True))
        announce_updated(rows, MOVED)
        conversations = Conversation.objects.for_workspace(self.state.workspace_id)
        latest = Greatest(F("last_created_at"), Value(max(row.created_at for row in rows)))
        conversations.filter(pk=self.state.conversation_id).update(last_created_at=latest)
        return len(moved)

    def _is_moved(self, message: ImportedMessage, stored: Stored, tree: Container[str]) -> bool:
        created_at = message.columns.get("created_at", stored.created_at)
        superseder = self._superseder(message, stored.superseded_by, tree)
        return (created_at, superseder) != (stored.created_at, stored.superseded_by)

    def _superseder(
        self, message: ImportedMessage, now: str | None = None, tree: Container[str] = ()
    ) -> str | None:
        """The id that what took its place has here; if that is no message of the tree, it stays."""
        if now is not None and now not in tree:
            return now
        return self.names.here("msg", message.superseded_by) if message.superseded_by else None

    def _relist(self, row: Message, message: ImportedMessage, tree: Container[str]) -> None:
        """List a message where its tree shows it now, on the branch on which it is."""
        row.superseded_by = self._superseder(message, row.superseded_by, tree)
        row.created_at = message.columns.get("created_at", row.created_at)
        row.parent_message_id = self.names.here("msg", message.parent) if message.parent else None
        row.updated_at = later_than(row.updated_at)

    def _prepared(
        self, messages: Mapping[str, ImportedMessage], kept: Mapping[str, Collection[str]]
    ) -> tuple[PreparedBatch, list[Message]]:
        """These messages with their files written, and their rows; `kept` are objects that some have."""
        given = [(self._draft(key, message), message.objects) for key, message in messages.items()]
        batch = prepare_imported(self.state.workspace_id, given, keeps_ids=self.names.keeps_ids, stored=kept)
        self.files.enter_context(batch.files_written())
        pairs = zip(batch.drafts, messages.values(), strict=True)
        return batch, [self._row(draft, message) for draft, message in pairs]

    def _draft(self, message_id: str, message: ImportedMessage) -> MessageDraft:
        """The draft with the ids that hold here."""
        replied, created_at = message.draft.parent_message_id, message.draft.created_at
        return replace(
            message.draft,
            id=message_id,
            created_at=created_at or (self.state.latest if message.dedup_key else None),
            parent_message_id=self.names.here("msg", message.parent) if message.parent else replied,
            run_id=self.names.here("run", message.run) if message.run else None,
        )

    def _row(self, draft: MessageDraft, message: ImportedMessage) -> Message:
        """A row for itself, with its columns as they were: no other message of the file moves its time."""
        [row] = rows_for(self.state, [draft], self.writer)
        row.superseded_by = self._superseder(message)
        for name, value in message.columns.items():
            setattr(row, name, value)
        if row.token_count is not None:  # an older export does not say who counted
            vars(row)["given_tokens"] = TokenCount(row.token_count, row.token_counter or WRITER)
        is_another = message.is_known_by_checksum and not self.names.is_same
        row.dedup_key = row.checksum if is_another else message.dedup_key
        return row
