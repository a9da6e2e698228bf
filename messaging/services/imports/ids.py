"""The ids that an imported conversation, its messages and runs have here, and what is stored under them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from messaging.exceptions import ConversationNotFound
from messaging.models import Conversation, Message
from messaging.services.bulk import batches
from messaging.values.ids import derived_id

from .revising import Stored
from .shapes import ImportedConversation, ImportedMessage

MAX_PARAMETERS = 10_000
Known = dict[str, tuple[ImportedMessage, Stored]]
"""Messages that are there, by the ids that they have here."""


def id_here(
    workspace_id: str,
    conversation: ImportedConversation,
    *,
    keeps_ids: bool,
    taken: Sequence[Container[str | None]],
) -> tuple[str, bool]:
    """(id of the conversation here, whether it is to be made).

    Raises ConversationNotFound for one that this import has stored before, see `taken`, and that is gone.
    """
    candidates = conversation.candidates
    workspaces = workspaces_of(candidates)
    if known := [name for name in candidates if workspaces.get(name) == workspace_id]:
        return known[0], False
    if any(name in names for name in candidates for names in taken):
        raise ConversationNotFound
    if grown := _grown(workspace_id, conversation, taken):
        return grown, False
    free = [name for name in candidates if name not in workspaces] if keeps_ids else []
    return (free or candidates[-1:])[0], True


def _grown(
    workspace_id: str, conversation: ImportedConversation, taken: Sequence[Container[str | None]]
) -> str | None:
    """The conversation that this one began as, if it is here and the same as far as it goes."""
    workspaces = workspaces_of(conversation.grown_from)
    for candidate in conversation.grown_from:
        if workspaces.get(candidate) == workspace_id and not any(candidate in names for names in taken):
            messages = Message.objects.for_workspace(workspace_id).in_conversation(candidate)
            keys = messages.filter(dedup_key__isnull=False).values_list("dedup_key", flat=True)
            stored = set(keys.iterator())
            if stored <= conversation.keys or conversation.keys <= stored:
                return candidate
    return None


@dataclass(frozen=True, slots=True)
class Names:
    """The ids that messages and runs have here."""

    conversation_id: str
    conversation: ImportedConversation
    keeps_ids: bool

    @property
    def is_same(self) -> bool:
        """Whether the conversation has the id that it has where it comes from."""
        return self.conversation_id == self.conversation.source_id

    def here(self, prefix: str, name: str) -> str:
        """The id of the message or run of this name."""
        return name if self.is_same else self.derived(prefix, name)

    def derived(self, prefix: str, name: str) -> str:
        return derived_id(prefix, self.conversation_id, name)

    def sorted(self) -> tuple[dict[str, ImportedMessage], Known]:
        """(the messages that are not there yet, those that are), by the ids that they have here."""
        messages = self.conversation.messages
        ids = [self.derived("msg", message.name) for message in messages]
        names = [message.name for message in messages] if self.is_same else []
        stored = _stored([*ids, *names])
        fresh: dict[str, ImportedMessage] = {}
        known: Known = {}
        for derived, message in zip(ids, messages, strict=True):
            for key in (derived, message.name):
                if key in stored and stored[key].conversation_id == self.conversation_id:
                    known.setdefault(key, (message, stored[key]))
                    break
            else:
                is_free = self.keeps_ids and message.name not in stored
                fresh.setdefault(message.name if is_free else derived, message)
        return fresh, known


def workspaces_of(conversation_ids: Sequence[str]) -> dict[str, str]:
    """The workspace of each conversation that there is; primary keys are unique across workspaces."""
    workspaces: dict[str, str] = {}
    for some in batches(conversation_ids, MAX_PARAMETERS):
        workspaces |= dict(Conversation.objects.filter(pk__in=some).values_list("pk", "workspace_id"))
    return workspaces


def _stored(message_ids: Sequence[str]) -> dict[str, Stored]:
    """Those of these messages that are there, in whatever workspace."""
    stored: dict[str, Stored] = {}
    for some in batches(message_ids, MAX_PARAMETERS):
        rows = Message.objects.filter(pk__in=some).values_list("pk", *Stored._fields)
        stored |= {pk: Stored(*values) for pk, *values in rows}
    return stored
