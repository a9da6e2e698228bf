"""Where an import puts what it has read: into the store, or nowhere in a dry run."""

from collections.abc import Sequence
from dataclasses import dataclass

from messaging.services import (
    Imported,
    ImportedConversation,
    ImportedMemory,
    MemoryArrival,
    Writer,
    import_conversations,
    import_memories,
)

from .seen import Seen


@dataclass(frozen=True, slots=True)
class Keeping:
    """Into the store."""

    workspace_id: str
    writer: Writer
    seen: Seen
    """The conversations of this source so far; those that are stored are added."""
    keeps_ids: bool
    revises: bool

    def conversations(self, given: Sequence[ImportedConversation]) -> list[Imported]:
        """What became of each, in one transaction."""
        outcomes = import_conversations(
            workspace_id=self.workspace_id,
            conversations=given,
            writer=self.writer,
            keeps_ids=self.keeps_ids,
            revises=self.revises,
            taken=self.seen,
        )
        for name in filter(None, (outcome.conversation_id for outcome in outcomes)):
            self.seen.add(name)
        return outcomes

    def memories(self, given: Sequence[ImportedMemory]) -> list[MemoryArrival]:
        """The same of memories."""
        return import_memories(
            workspace_id=self.workspace_id, memories=given, keeps_ids=self.keeps_ids, revises=self.revises
        )


class Rehearsal:
    """Nowhere: everything counts as new."""

    def conversations(self, given: Sequence[ImportedConversation]) -> list[Imported]:
        """What would become of each."""
        return [
            Imported(
                is_new=True,
                added=len(conversation.messages),
                objects=sum(len(message.objects) for message in conversation.messages),
            )
            for conversation in given
        ]

    def memories(self, given: Sequence[ImportedMemory]) -> list[MemoryArrival]:
        """The same of memories."""
        return [MemoryArrival(is_new=True) for _ in given]
