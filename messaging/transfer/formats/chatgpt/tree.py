"""The tree of a conversation: its nodes, its current branch, and the order of the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its message, empty for none, and the names of its relatives."""

    message: Mapping[str, Any]
    parent: str | None
    children: tuple[str, ...]


Nodes = Mapping[str, Node]


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
