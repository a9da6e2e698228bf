"""What the tests say they prove: the `wire` markers, read from their source, and the wires' tables of them.

Read rather than collected, so that it is the same however few tests run, and in however many processes.
`python -m tests.markers` writes the tables.
"""

import ast
import os
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
SECTION = re.compile(r"(?<=<!-- written by tests/markers.py -->\n).*?(?=<!-- until here -->)", re.S)

Operation = tuple[str, str]
"""(product, operation), as the markers name them."""


@cache
def proven() -> dict[Operation, tuple[str, ...]]:
    """The clauses that tests prove, by operation."""
    found: dict[Operation, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.wire":
                product, operation, clause = (ast.literal_eval(argument) for argument in node.args)
                found.setdefault((product, operation), []).append(clause)
    return {key: tuple(clauses) for key, clauses in found.items()}


def operations() -> dict[Operation, str]:
    """Methods and path of each operation of the OpenAPI document."""
    from tests.wires import documented

    found: dict[Operation, list[str]] = {}
    for each in documented():
        found.setdefault((each.dialect.name, each.name), [each.path]).insert(-1, each.method)
    return {key: f"{', '.join(words[:-1])} {words[-1]}" for key, words in found.items()}


def pages() -> dict[str, Path]:
    """The page of each product, in the folder of its wire; it holds the table of what is proven."""
    from config.wires import dialects

    folders = {dialect.name: dialect.urls.split(".")[:-1] for dialect in dialects()}
    return {name: TESTS.parent.joinpath(*folder, "README.md") for name, folder in folders.items()}


def written(product: str, page: str) -> str:
    """The page of a product with its table as it should be."""
    return SECTION.sub(lambda _: f"\n{_table(product)}\n", page)


def _table(product: str) -> str:
    rows = [
        f"| `{where}` | {'; '.join(proven()[key]).replace('|', chr(92) + '|')} |\n"
        for key, where in operations().items()
        if key[0] == product
    ]
    return "".join(("| operation | proven by tests |\n| --- | --- |\n", *rows))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    for name, path in pages().items():
        path.write_text(written(name, path.read_text()))
