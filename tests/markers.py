"""What the tests say they prove, read from their source: the `wire` markers.

Read rather than collected, so that it is the same however few tests run, and in however many processes.
"""

import ast
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent


@cache
def proven() -> dict[tuple[str, str], tuple[str, ...]]:
    """The clauses that tests prove, by (product, operation)."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.wire":
                product, operation, clause = (ast.literal_eval(argument) for argument in node.args)
                found.setdefault((product, operation), []).append(clause)
    return {key: tuple(clauses) for key, clauses in found.items()}
