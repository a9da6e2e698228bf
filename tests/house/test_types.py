"""Signatures name their types: a bare `Any` in a parameter or a result is the exception, and counted."""

import ast
from collections.abc import Iterator

from tests.house.imports import ROOT, modules

MOST = 45
"""Functions with a bare `Any`, `*args` and `**kwargs` aside. Lower it with each that goes."""


def is_any(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "Any"


def untyped(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions that take or return a bare `Any`; within a type, as in `list[Any]`, it is free."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            if any(map(is_any, (node.returns, *(argument.annotation for argument in arguments)))):
                yield node


def test_few_signatures_have_a_bare_any():
    files = [file for file in modules().values() if "migrations" not in file.parts]
    named = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in files
        for node in untyped(file.read_text())
    ]
    assert len(files) > 100
    assert len(named) <= MOST, "\n".join(named)


def test_the_counter_sees_parameters_and_results():
    source = """
def one(a: Any): ...
def two(*, b: int, c: Any = 0) -> int: ...
async def three() -> Any: ...
def free(*args: Any, d: dict[str, Any], **kwargs: Any) -> list[Any]: ...
"""
    assert [node.name for node in untyped(source)] == ["one", "two", "three"]
