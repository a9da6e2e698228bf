"""The ids that imported messages and runs have here, and what is stored under them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from messaging.models import Conversation, Message
from messaging.values.ids import derived_id

from .drafts import ConversationState, MessageDraft, Writer, rows_for
from .import_shapes import ImportedConversation, ImportedMessage
from .revising import Stored

MAX_PARAMETERS = 10_000
Known = dict[str, tuple[ImportedMessage, Stored]]
"""Messages that are there, by the ids that they have here."""


class Names:
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

    def sorted(self) -> tuple[dict[str, ImportedMessage], Known]:
        """(the messages that are not there yet, those that are), by the ids that they have here."""
        ids = [self.derived("msg", message.name) for message in self.messages]
        names = [message.name for message in self.messages] if self.is_same else []
        stored = _stored([*ids, *names])
        fresh: dict[str, ImportedMessage] = {}
        known: Known = {}
        for derived, message in zip(ids, self.messages, strict=True):
            for key in (derived, message.name):
                if key in stored and stored[key].conversation_id == self.conversation_id:
                    known.setdefault(key, (message, stored[key]))
                    break
            else:
                is_free = self.keeps_ids and message.name not in stored
                fresh.setdefault(message.name if is_free else derived, message)
        return fresh, known


def draft_here(
    state: ConversationState, message_id: str, message: ImportedMessage, named: Names
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


def row_here(
    state: ConversationState, draft: MessageDraft, message: ImportedMessage, named: Names, writer: Writer
) -> Message:
    """A row for itself, with its columns as they were: no other message of the file moves its time."""
    [row] = rows_for(state, [draft], writer)
    for name, value in message.columns.items():
        setattr(row, name, value)
    is_another = message.is_known_by_checksum and not named.is_same
    row.dedup_key = row.checksum if is_another else message.dedup_key
    return row


def workspaces_of(conversation_ids: Sequence[str]) -> dict[str, str]:
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
