"""The export of a ChatGPT account: each conversation a tree of messages.

The branch that ends at `current_node` is the conversation; the messages of other branches come behind
it, superseded, each with the id of the message that it follows as its `parent_message_id`. Nodes that
say nothing are left out and counted; what was hidden from the reader is kept and marked as such in the
meta data.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeGuard

from django.utils.translation import gettext as _

from messaging.services import ImportedConversation, ImportedMessage
from messaging.transfer.archive import Archive
from messaging.transfer.contents import as_list, as_object, says_something
from messaging.transfer.fields import ConversationFields, Rejected, listed_as_tree, moment_of
from messaging.transfer.seen import Seen
from messaging.transfer.tally import Tally
from messaging.transfer.tree import Node, current_branch, in_order, nearest_kept, rebuilt
from messaging.values.ids import derived_id

from .message import message_of

NOT_KEPT = frozenset({"mapping", "title", "create_time", "update_time", "current_node"})
OF_NODES = frozenset({"id", "message", "parent", "children"})


def is_tree(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether this is such a conversation."""
    return isinstance(value, dict) and isinstance(value.get("mapping"), dict)


def conversation_of(
    value: object, workspace_id: str, seen: Seen, tally: Tally, archive: Archive
) -> ImportedConversation:
    """The conversation of a record. Raises Rejected, and pydantic's ValidationError."""
    if not is_tree(value):
        raise Rejected(_("Holds no tree of messages under mapping"))
    value = tally.storable(value, but="mapping")
    opened_at = moment_of(value.get("create_time"))
    messages = _messages(value, opened_at, tally, archive)
    times = [message.draft.created_at for message in messages if message.draft.created_at]
    return ImportedConversation(
        candidates=[derived_id("conv", workspace_id, f"chatgpt/{_name(value, seen)}")],
        fields=_fields(value, opened_at or min(times, default=None)),
        messages=messages,
        updated_at=moment_of(value.get("update_time")) or max(times, default=opened_at),
    )


def _name(value: Mapping[str, Any], seen: Seen) -> str:
    """The id of the conversation; of one without, what its first message says, and the how manieth it is."""
    for name in (value.get("conversation_id"), value.get("id")):
        if isinstance(name, str) and name:
            return name
    given = (node for node in value["mapping"].values() if as_object(node).get("message"))
    written = json.dumps(next(given, None), sort_keys=True)
    digest = hashlib.sha256(written.encode()).hexdigest()
    return f"{digest}/{seen.add(f'chatgpt/{digest}')}"


def _fields(value: Mapping[str, Any], opened_at: datetime | None) -> dict[str, Any]:
    about = {name: item for name, item in value.items() if name not in NOT_KEPT}
    title = value.get("title")
    return ConversationFields(
        title=title[:255] if isinstance(title, str) else None,
        status="archived" if value.get("is_archived") is True else "active",
        created_at=opened_at,
        meta_data={"chatgpt": {name: item for name, item in about.items() if item not in (None, [], {})}},
    ).columns()


def _messages(
    value: Mapping[str, Any], opened_at: datetime | None, tally: Tally, archive: Archive
) -> list[ImportedMessage]:
    """The messages, the current branch first."""
    nodes = rebuilt({name: _node(node) for name, node in value["mapping"].items()})
    current = dict.fromkeys(current_branch(nodes, value.get("current_node")))
    messages: dict[str, ImportedMessage] = {}
    for name in (*current, *(name for name in in_order(nodes) if name not in current)):
        given = nodes[name].given
        if given is None:
            continue
        kind = as_object(as_object(given).get("content")).get("content_type")
        is_current = name in current
        before = nearest_kept(nodes, messages, name)
        read = partial(message_of, name, given, before, opened_at, archive, is_current=is_current)
        if message := tally.message("mapping", name, given, kind, read):
            messages[name] = message
    return listed_as_tree(messages, nodes, list(current))


def _node(node: object) -> Node:
    """A node as the tree needs it; one of another shape holds itself as its message."""
    if not isinstance(node, Mapping):
        return Node(node)
    message, parent = node.get("message"), node.get("parent")
    others = {name: item for name, item in node.items() if name not in OF_NODES}
    return Node(
        given=others if message is None and says_something(others) else message,
        parent=parent if isinstance(parent, str) else None,
        children=tuple(child for child in as_list(node.get("children")) if isinstance(child, str)),
        time=moment_of(as_object(message).get("create_time")),
    )
