"""The export of a Claude account: each conversation a list of messages, which may name those they follow.

The branch that ends at the current leaf is the conversation; without parents it is the list as it stands.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeGuard

from django.utils.translation import gettext as _

from messaging.services import ImportedConversation, ImportedMessage
from messaging.transfer.contents import as_list, as_object, present, says_something, text_or_none
from messaging.transfer.fields import ConversationFields, Rejected, listed_as_tree, moment_of
from messaging.transfer.seen import Seen
from messaging.transfer.tally import Tally
from messaging.transfer.tree import Node, Nodes, current_branch, in_order, nearest_kept, rebuilt
from messaging.values.ids import derived_id

from .message import message_of

MESSAGES = "chat_messages"
NOT_KEPT = frozenset({MESSAGES, "name", "summary", "created_at", "updated_at", "current_leaf_message_uuid"})
NO_PARENT = "00000000-0000-"
"""How the ids begin by which a first message says that it follows none."""


def is_chat(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether this is such a conversation."""
    return isinstance(value, dict) and isinstance(value.get(MESSAGES), list)


def conversations_in(value: object) -> list[Any] | None:
    """The conversations of an object that wraps them; None for any other value."""
    listed = as_list(value.get("conversations")) if isinstance(value, dict) else []
    return listed if any(map(is_chat, listed)) else None


def conversation_of(value: object, workspace_id: str, seen: Seen, tally: Tally) -> ImportedConversation:
    """The conversation of a record. Raises Rejected, and pydantic's ValidationError."""
    if not is_chat(value):
        raise Rejected(_("Holds no list of messages under %(name)s") % {"name": MESSAGES})
    value = tally.storable(value, but=MESSAGES)
    opened_at = moment_of(value.get("created_at"))
    messages = _messages(value, opened_at, tally)
    times = [message.draft.created_at for message in messages if message.draft.created_at]
    return ImportedConversation(
        candidates=[derived_id("conv", workspace_id, f"claude/{_name(value, seen)}")],
        fields=_fields(value, opened_at or min(times, default=None)),
        messages=messages,
        updated_at=moment_of(value.get("updated_at")) or max(times, default=opened_at),
    )


def _name(value: Mapping[str, Any], seen: Seen) -> str:
    """The id of the conversation; of one without, what its first message says, and which of these it is."""
    name = value.get("uuid")
    if isinstance(name, str) and name:
        return name
    written = json.dumps(next(iter(value[MESSAGES]), None), sort_keys=True)
    digest = hashlib.sha256(written.encode()).hexdigest()
    return f"{digest}/{seen.add(f'claude/{digest}')}"


def _fields(value: Mapping[str, Any], opened_at: datetime | None) -> dict[str, Any]:
    title, summary = text_or_none(value.get("name")), text_or_none(value.get("summary"))
    about = {name: item for name, item in value.items() if name not in NOT_KEPT and says_something(item)}
    about |= {
        name: value[name]
        for name in ("name", "summary")
        if says_something(value.get(name)) and not isinstance(value[name], str)
    }
    return ConversationFields(
        title=title[:255] if title else None,
        summary=summary or None,
        created_at=opened_at,
        meta_data=present({"model": text_or_none(value.get("model")), "claude": about}),
    ).columns()


def _messages(value: Mapping[str, Any], opened_at: datetime | None, tally: Tally) -> list[ImportedMessage]:
    """The messages, the current branch first."""
    nodes = _nodes(value[MESSAGES])
    current = dict.fromkeys(current_branch(nodes, value.get("current_leaf_message_uuid")))
    messages: dict[str, ImportedMessage] = {}
    for name in (*current, *(name for name in in_order(nodes) if name not in current)):
        given, is_current = nodes[name].given, name in current
        before = nearest_kept(nodes, messages, name)
        read = partial(message_of, name, given, before, opened_at, is_current=is_current)
        if message := tally.message(MESSAGES, name, given, "message", read):
            messages[name] = message
    return listed_as_tree(messages, nodes, list(current))


def _nodes(listed: Sequence[object]) -> Nodes:
    """The messages by name. One that names no parent follows the one in front of it."""
    nodes: dict[str, Node] = {}
    in_front: str | None = None
    for number, given in enumerate(listed):
        about = as_object(given)
        name = _free(text_or_none(about.get("uuid")) or f"{number}", nodes)
        parent = text_or_none(about.get("parent_message_uuid"))
        if parent is None:
            parent = in_front
        elif parent.startswith(NO_PARENT):
            parent = None
        nodes[name] = Node(given, parent, time=moment_of(about.get("created_at")))
        in_front = name
    return rebuilt(nodes, chains=False)


def _free(name: str, nodes: Nodes) -> str:
    """This name, or for a second message of it one that tells the two apart."""
    number = 1
    free = name
    while free in nodes:
        number += 1
        free = f"{name}#{number}"
    return free
