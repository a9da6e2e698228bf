"""Reads what every module imports: at its top, inside functions, and for its annotations alone."""

import ast
from collections.abc import Iterator, Mapping, Set
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("messaging", "threads", "config")

Graph = Mapping[str, Set[str]]
"""The modules that each module imports."""


@cache
def modules() -> dict[str, Path]:
    """Every module of the product: its file by its dotted name."""
    files = [file for package in PRODUCT for file in sorted((ROOT / package).rglob("*.py"))]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return {name.removesuffix(".__init__"): file for name, file in zip(names, files, strict=True)}


@cache
def imported(name: str) -> tuple[str, ...]:
    """The dotted names that a module imports, such as `messaging.models.Message`."""
    file = modules()[name]
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return tuple(names_in(file.read_text(), package))


def names_in(source: str, package: str) -> Iterator[str]:
    """The dotted names that the source of a module of this package imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")
            base = above[: len(above) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


@cache
def graph() -> Graph:
    """The imports between modules of the product."""
    return {
        name: {module for target in imported(name) if (module := _module_of(target))} - {name}
        for name in modules()
    }


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of these packages, or lies below one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def circles(graph: Graph) -> list[list[str]]:
    """The groups of modules that reach each other, each sorted: none where no import leads back."""
    reach = {name: _reached(graph, name) for name in graph}
    groups = {
        tuple(sorted(other for other in reach[name] if name in reach[other]))
        for name in graph
        if name in reach[name]
    }
    return [list(group) for group in sorted(groups)]


def _module_of(target: str) -> str | None:
    """The module that a dotted name lies in; None for what is not of the product."""
    parts = target.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in modules()), None)


def _reached(graph: Graph, start: str) -> Set[str]:
    reached: set[str] = set()
    pending = [*graph[start]]
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(graph[name])
    return reached
