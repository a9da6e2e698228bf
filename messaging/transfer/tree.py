"""Messages that hang together as a tree: rebuilt from whatever its nodes say of each other."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """A message, if there is one, and the names of its relatives."""

    given: object
    """The message as it came; None for none."""
    parent: str | None = None
    children: tuple[str, ...] = ()
    time: datetime | None = None


Nodes = Mapping[str, Node]
Kept = TypeVar("Kept")


def rebuilt(nodes: Nodes, *, chains: bool = True) -> Nodes:
    """The same nodes as a forest: parents and children agree, and no node is its own ancestor.

    A node hangs below the parent that it names, else below the node that lists it as a child. With `chains`,
    where no node names any other, they follow each other: by time where all have one, else in their order.
    """
    parents = _parents(nodes)
    if chains and not any(parents.values()):
        parents = _chained(nodes)
    _cut_cycles(parents)
    children = _children(nodes, parents)
    return {
        name: replace(node, parent=parents[name], children=tuple(children[name]))
        for name, node in nodes.items()
    }


def current_branch(nodes: Nodes, current: object) -> list[str]:
    """The names from the root down to the current node; without one, down to the newest leaf."""
    leaf = current if isinstance(current, str) and current in nodes else _newest_leaf(nodes)
    branch: list[str] = []
    while leaf is not None:
        branch.append(leaf)
        leaf = nodes[leaf].parent
    return branch[::-1]


def superseders(nodes: Nodes, branch: Sequence[str], kept: Container[str]) -> dict[str, str | None]:
    """What took the place of each node: None on the current branch.

    Where branches part, that of each is taken by the first kept node of the next one; the current one is the
    last of them, and so is the last child where none is current.
    """
    current, following = {*branch}, dict(zip(branch, branch[1:], strict=False))
    end = next((name for name in reversed(branch) if name in kept), None)
    heads: dict[str, str | None] = {}
    for name in reversed([*in_order(nodes)]):
        below = (following.get(name), *reversed(nodes[name].children))
        heads[name] = (
            name if name in kept else next((heads[one] for one in below if one and heads[one]), None)
        )
    taken: dict[str, str | None] = {}
    roots = [name for name, node in nodes.items() if node.parent is None]
    _note_superseders(taken, heads, roots, branch[0] if branch else None, None)
    for name in in_order(nodes):
        children = nodes[name].children
        chosen = following.get(name) if name in current else next(reversed(children), None)
        _note_superseders(taken, heads, children, chosen, taken[name] if chosen else end)
    return taken


def _note_superseders(
    taken: dict[str, str | None],
    heads: Mapping[str, str | None],
    children: Sequence[str],
    chosen: str | None,
    above: str | None,
) -> None:
    """Note what took the place of each of these, of which one is chosen; `above`, what took that of all."""
    others = [name for name in children if name != chosen]
    for name in (*([chosen] if chosen else ()), *reversed(others)):
        taken[name], above = above, heads[name] or above


def in_order(nodes: Nodes) -> Iterator[str]:
    """All names, each behind its parent, the children of one in their order."""
    pending = [name for name in [*nodes][::-1] if nodes[name].parent is None]
    while pending:
        name = pending.pop()
        yield name
        pending += reversed(nodes[name].children)


def nearest_kept(nodes: Nodes, kept: Mapping[str, Kept], name: str) -> Kept | None:
    """What was kept of the nearest ancestor of a node of which anything was."""
    above = nodes[name].parent
    while above is not None and above not in kept:
        above = nodes[above].parent
    return kept[above] if above else None


def _parents(nodes: Nodes) -> dict[str, str | None]:
    parents = {
        name: node.parent if node.parent in nodes and node.parent != name else None
        for name, node in nodes.items()
    }
    for name, node in nodes.items():
        for child in node.children:
            if child in nodes and child != name and parents[child] is None:
                parents[child] = name
    return parents


def _chained(nodes: Nodes) -> dict[str, str | None]:
    names: Sequence[str] = list(nodes)
    if all(node.time for node in nodes.values()):
        names = sorted(names, key=lambda name: nodes[name].time or LONG_AGO)
    return dict(zip(names, [None, *names], strict=False))


def _cut_cycles(parents: dict[str, str | None]) -> None:
    """Make a root of the first node of each circle."""
    safe: set[str] = set()
    for name in parents:
        path: dict[str, None] = {}
        above: str | None = name
        while above is not None and above not in safe and above not in path:
            path[above] = None
            above = parents[above]
        if above in path:
            parents[_first_of_circle(parents, above)] = None
        safe.update(path)


def _first_of_circle(parents: Mapping[str, str | None], name: str) -> str:
    circle, above = {name}, parents[name]
    while above is not None and above != name:
        circle.add(above)
        above = parents[above]
    return next(candidate for candidate in parents if candidate in circle)


def _children(nodes: Nodes, parents: Mapping[str, str | None]) -> dict[str, list[str]]:
    """The children of each node: in the order in which it lists them, the others by time behind these."""
    children: dict[str, dict[str, None]] = defaultdict(dict)
    for name, node in nodes.items():
        children[name].update({child: None for child in node.children if parents.get(child) == name})
    others = [name for name, parent in parents.items() if parent and name not in children[parent]]
    for name in sorted(others, key=lambda name: nodes[name].time or LONG_AGO):
        children[parents[name] or ""][name] = None
    return {name: list(some) for name, some in children.items()}


def _newest_leaf(nodes: Nodes) -> str | None:
    leaves = [name for name in in_order(nodes) if not nodes[name].children]
    # Of several that are as new, the last.
    return max(reversed(leaves), key=lambda name: nodes[name].time or LONG_AGO, default=None)
