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
# Below which path each product's operations stand.
PRODUCTS = {"/api/v1/": "mielto", "/v1/": "seekrflow"}
# The page that tells of a product, and holds the table of what is proven.
PAGES = {
    "mielto": TESTS.parent / "messaging/api/README.md",
    "seekrflow": TESTS.parent / "threads/seekrflow/README.md",
}
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


def documented() -> dict[Operation, str]:
    """Methods and path of each operation of the OpenAPI document."""
    from messaging.wire.schema import openapi_document

    found: dict[Operation, list[str]] = {}
    for path, methods in openapi_document()["paths"].items():
        product = next((name for prefix, name in PRODUCTS.items() if path.startswith(prefix)), None)
        for method, operation in methods.items():
            if product:
                # PUT and PATCH of one handler are one operation in two spellings.
                name = operation["summary"].lower().replace(" ", "_")
                found.setdefault((product, name), [path]).insert(-1, method.upper())
    return {key: f"{', '.join(words[:-1])} {words[-1]}" for key, words in found.items()}


def written(product: str, page: str) -> str:
    """The page of a product with its table as it should be."""
    return SECTION.sub(lambda _: f"\n{_table(product)}\n", page)


def _table(product: str) -> str:
    rows = [
        f"| `{where}` | {'; '.join(proven()[key]).replace('|', chr(92) + '|')} |\n"
        for key, where in documented().items()
        if key[0] == product
    ]
    return "".join(("| operation | proven by tests |\n| --- | --- |\n", *rows))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    for name, path in PAGES.items():
        path.write_text(written(name, path.read_text()))
