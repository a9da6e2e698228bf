"""What an import gives to the store, and what it hears back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from messaging.services.drafts import MessageDraft
from messaging.services.feedback import GivenFeedback
from messaging.services.files import ObjectContent


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedObject:
    """A stored object of another store."""

    id: str
    fields: Mapping[str, Any]
    """Columns of StoredObject. A `sha256` among them is trusted."""
    content: ObjectContent


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
    superseded_by: str | None = None
    """The name of the message that took its place, or that of one in front of it."""
    is_of_tree: bool = False
    """Its branch may become the current one, or cease to be it, while the tree grows."""
    dedup_key: str | None = None
    """See Message; None for a message that was live."""
    is_known_by_checksum: bool = False
    """Whether its checksum is its `dedup_key`."""
    columns: Mapping[str, Any] = field(default_factory=dict)
    """Further columns of Message as they were."""
    objects: Sequence[ImportedObject] = ()
    """The large values of the message, which its draft and the parts of that name by their ids."""
    feedback: Sequence[GivenFeedback] = ()
    """What is thought of it."""
    dismissed_memories: Sequence[str] = ()
    """Hashes of memories that were drawn from it and that somebody deleted; see MemoryDismissal."""


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
    runs: Mapping[str, dict[str, Any]] = field(default_factory=dict)
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
    objects: int = 0
    """Files of the new messages."""
    changed: int = 0
    """Messages that were there and followed a newer version."""
    is_changed: bool = False
    """Whether the conversation was there and followed a newer version."""
    problem: str | None = None
    """Why nothing of it was stored."""
    is_divisible: bool = False
    """Whether some of its messages could be stored without the others, where there is a problem."""
