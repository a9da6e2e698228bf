"""The export of a ChatGPT account: each conversation a tree of messages.

The branch that ends at `current_node` is the conversation; the messages of other branches come behind
it, each with the id of the message that it follows as its `parent_message_id`. Nodes that say nothing
are left out; what was hidden from the reader is kept and marked as such in the meta data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

import pydantic

from messaging.services import ImportedConversation, ImportedMessage
from messaging.transfer.fields import ConversationFields, Rejected, listed_in_order, moment_of, reason_of
from messaging.values.ids import derived_id

from .message import message_of

NOT_KEPT = frozenset({"mapping", "title", "create_time", "update_time", "current_node"})


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its message, empty for none, and the names of its relatives."""

    message: Mapping[str, Any]
    parent: str | None
    children: tuple[str, ...]


Nodes = Mapping[str, Node]


def is_tree(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether this is such a conversation."""
    return isinstance(value, dict) and isinstance(value.get("mapping"), dict)


def conversation_of(value: object, workspace_id: str) -> ImportedConversation:
    """The conversation of a record. Raises Rejected, and pydantic's ValidationError."""
    if not is_tree(value):
        raise Rejected("Holds no tree of messages under mapping")
    name = value.get("conversation_id") or value.get("id")
    if not isinstance(name, str):
        raise Rejected("Has neither conversation_id nor id")
    opened_at = moment_of(value.get("create_time"))
    branches: dict[bool, list[ImportedMessage]] = {True: [], False: []}
    for message, is_current in _messages(value, opened_at):
        branches[is_current].append(message)
    messages = listed_in_order(branches[True], branches[False])
    times = [message.draft.created_at for message in messages if message.draft.created_at]
    return ImportedConversation(
        candidates=[derived_id("conv", workspace_id, f"chatgpt/{name}")],
        fields=_fields(value, opened_at or min(times, default=None)),
        messages=messages,
        updated_at=moment_of(value.get("update_time")) or max(times, default=opened_at),
    )


def _fields(value: Mapping[str, Any], opened_at: datetime | None) -> dict[str, Any]:
    about = {name: item for name, item in value.items() if name not in NOT_KEPT}
    title = value.get("title")
    return ConversationFields(
        title=title[:255] if isinstance(title, str) else None,
        status="archived" if value.get("is_archived") is True else "active",
        created_at=opened_at,
        meta_data={"chatgpt": {name: item for name, item in about.items() if item not in (None, [], {})}},
    ).columns()


def _messages(value: Mapping[str, Any], opened_at: datetime | None) -> Iterator[tuple[ImportedMessage, bool]]:
    """(message, whether it is of the current branch), the current branch first."""
    nodes = nodes_of(value["mapping"])
    current = dict.fromkeys(current_branch(nodes, value.get("current_node")))
    messages: dict[str, ImportedMessage | None] = {}
    for name in (*current, *(name for name in in_order(nodes) if name not in current)):
        before = _before(nodes, messages, name)
        try:
            message = message_of(name, nodes[name].message, before, opened_at, is_current=name in current)
        except pydantic.ValidationError as error:
            raise Rejected(f"mapping.{name}: {reason_of(error)}") from None
        messages[name] = message
        if message is not None:
            yield message, name in current


def _before(
    nodes: Nodes, messages: Mapping[str, ImportedMessage | None], name: str
) -> ImportedMessage | None:
    """The message that this node follows: its nearest ancestor that says something."""
    met = {name}
    above = nodes[name].parent
    while above is not None and above in messages and messages[above] is None and above not in met:
        met.add(above)
        above = nodes[above].parent
    return messages.get(above) if above else None


def nodes_of(mapping: Mapping[str, Any]) -> Nodes:
    """The nodes by name; what is of another shape than it should be is taken for absent."""
    return {name: _node(node) for name, node in mapping.items() if isinstance(node, dict)}


def current_branch(nodes: Nodes, current: object) -> list[str]:
    """The names from the root down to the current node; without one, down to the last."""
    named: str | None = current if isinstance(current, str) and current in nodes else None
    leaf = named or next(reversed(list(in_order(nodes))), None)
    branch: dict[str, None] = {}
    while leaf is not None and leaf in nodes and leaf not in branch:
        branch[leaf] = None
        leaf = nodes[leaf].parent
    return list(reversed(branch))


def in_order(nodes: Nodes) -> Iterator[str]:
    """All names, each behind its parent, the children of one in their order."""
    done: set[str] = set()
    roots = [name for name, node in nodes.items() if node.parent not in nodes]
    for start in (*roots, *nodes):  # the latter for what no root leads to
        pending = [start]
        while pending:
            name = pending.pop()
            if name in nodes and name not in done:
                done.add(name)
                yield name
                pending += reversed(nodes[name].children)


def _node(node: Mapping[str, Any]) -> Node:
    message, parent, children = node.get("message"), node.get("parent"), node.get("children")
    return Node(
        message=message if isinstance(message, dict) else {},
        parent=parent if isinstance(parent, str) else None,
        children=tuple(child for child in children if isinstance(child, str))
        if isinstance(children, list)
        else (),
    )
