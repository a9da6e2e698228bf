"""Our own export: one JSON object on each line.

A header; then each conversation: a line of its own, those of its runs, those of its messages in their
order; then each memory; at last a line that says how many there were. See messaging/transfer/README.md for
the keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from pydantic import Field

from messaging.services import ImportedConversation, ImportedMessage, MessageDraft
from messaging.services.conversations import EDITABLE
from messaging.transfer.contents import as_object
from messaging.transfer.fields import ConversationFields, MessageFields, Rejected, is_own_id
from messaging.transfer.kinds import Kinds, Outcome
from messaging.transfer.lines import PartsAndObjects, RunLine
from messaging.transfer.source import Unusable
from messaging.values.ids import derived_id
from messaging.values.tokens import MOST_TOKENS
from messaging.values.types import JSONObject, Moment, Text255

FORMAT, VERSION = "parley", 1
KINDS = ("export", "conversation", "run", "message", "memory", "end")


class MessageLine(MessageFields, PartsAndObjects):
    """What our export says of a message beyond what all formats do."""

    id: Text255
    conversation_id: Text255
    parent_message_id: Text255 | None = None
    checksum: str | None = None
    dedup_key: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    enable_memories: bool = False
    sent_at: Moment | None = None
    owner_id: Text255 | None = None
    run_id: Text255 | None = None
    item_id: Text255 | None = None
    token_count: int | None = Field(None, ge=0, le=MOST_TOKENS)
    token_counter: Text255 | None = None
    updated_at: Moment | None = None
    redacted_at: Moment | None = None
    superseded_by: Text255 | None = None
    derived_meta_data: JSONObject | None = None

    def draft(self) -> MessageDraft:
        """The message; the time that it named belongs to its identity only where it was imported itself."""
        replied = self.parent_message_id
        return replace(
            super().draft(),
            created_at=(self.sent_at or self.created_at) if self.dedup_key else None,
            structured_content=self.structured_content,
            content_dialect=self.dialect(),
            parts=self.parts,
            parent_message_id=None if is_own_id(replied) else replied,
        )

    def columns(self) -> dict[str, Any]:
        """Columns of Message that are kept as they were."""
        names = ["created_at", "sent_at", "updated_at", "redacted_at"]
        names += ["owner_id", "enable_memories", "item_id", "token_count", "token_counter"]
        if self.redacted_at:  # the parts that these were derived from are gone
            names.append("derived_meta_data")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class ConversationLine(ConversationFields):
    """What our export says of a conversation."""

    id: Text255
    redacted_at: Moment | None = None

    def columns(self) -> dict[str, Any]:
        """Columns of Conversation that were given a value."""
        redacted = {"redacted_at": self.redacted_at} if self.redacted_at else {}
        return super().columns() | redacted

    def revision(self) -> dict[str, Any]:
        """All columns of Conversation that may change, as they are."""
        return {name: getattr(self, name) for name in (*EDITABLE, "redacted_at")}


def is_line(value: object) -> bool:
    """Whether this is a line of our export; others have messages of type `message`, too."""
    if not isinstance(value, dict) or value.get("type") not in KINDS:
        return False
    return "conversation_id" in value or value["type"] not in ("run", "message")


def require_version(header: Mapping[str, Any]) -> None:
    """Raises Unusable for a header of a version that is not ours to read."""
    if header.get("format") != FORMAT or header.get("version") != VERSION:
        told = _("The export is not of format %(format)s, version %(version)s, which is what this reads")
        raise Unusable(told % {"format": FORMAT, "version": VERSION})


def conversation_of(value: Mapping[str, Any], workspace_id: str) -> ImportedConversation:
    """The conversation of a line, still without messages. Raises pydantic's ValidationError."""
    line = ConversationLine.model_validate(value)
    derived = derived_id("conv", workspace_id, f"parley/{line.id}")
    keeps = is_own_id(line.id)
    return ImportedConversation(
        candidates=[line.id, derived] if keeps else [derived],
        source_id=line.id if keeps else None,
        fields=line.columns(),
        updated_at=line.updated_at,
        revision=line.revision(),
    )


def message_of(value: Mapping[str, Any], conversation_id: str | None) -> ImportedMessage:
    """The message of a line that stands behind the line of this conversation.

    Raises Rejected, and pydantic's ValidationError.
    """
    line = MessageLine.model_validate(value)
    _require_conversation(line.conversation_id, conversation_id)
    replied = line.parent_message_id
    return ImportedMessage(
        name=line.id,
        draft=line.draft(),
        parent=replied if is_own_id(replied) else None,
        superseded_by=line.superseded_by if is_own_id(line.superseded_by) else None,
        run=line.run_id,
        dedup_key=line.dedup_key,
        is_known_by_checksum=line.dedup_key is not None and line.dedup_key == line.checksum,
        columns=line.columns(),
        objects=[stored.imported() for stored in line.objects],
        feedback=[one.given() for one in line.feedback],
        dismissed_memories=line.dismissed_memories,
    )


def kinds_of(messages: Iterable[ImportedMessage]) -> Kinds:
    """Of what kinds of parts these messages consist; one without parts is text."""
    kinds = Kinds()
    for message in messages:
        for part in message.draft.parts or ({"type": "text"},):
            named = as_object(part.get("data")).get("type")
            is_data = named is not None and named == part.get("data_type")
            kinds[str(part["type"]), Outcome.DATA if is_data else Outcome.WHOLE] += 1
    return kinds


def run_of(value: Mapping[str, Any], conversation_id: str | None) -> tuple[str, dict[str, Any]]:
    """(id, columns of Run) of a line that stands behind the line of this conversation.

    Raises Rejected, and pydantic's ValidationError.
    """
    line = RunLine.model_validate(value)
    _require_conversation(line.conversation_id, conversation_id)
    return line.id, line.columns()


def _require_conversation(given: str, conversation_id: str | None) -> None:
    if given != conversation_id:
        raise Rejected(_("Stands below no line of its conversation %(id)s") % {"id": given})
