"""What the tests say they prove: the `wire` markers, read from their source, and the README's table of them.

Read rather than collected, so that it is the same however few tests run, and in however many processes.
`python -m tests.markers` writes the table.
"""

import ast
import os
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
README = TESTS.parent / "README.md"
# Below which path each product's operations stand.
PRODUCTS = {"/api/v1/": "mielto", "/v1/": "seekrflow"}
NAMES = {"mielto": "Mielto", "seekrflow": "SeekrFlow"}
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


def compatibility() -> str:
    """The README's section: for each product, its operations and what is proven of each."""
    return "".join(_table(product) for product in NAMES if any(key[0] == product for key in documented()))


def written(readme: str) -> str:
    """The README with its section as it should be."""
    return SECTION.sub(lambda _: compatibility(), readme)


def _table(product: str) -> str:
    rows = [
        f"| `{where}` | {'; '.join(proven()[key]).replace('|', chr(92) + '|')} |\n"
        for key, where in documented().items()
        if key[0] == product
    ]
    title = f"{NAMES[product]}: {len(rows)} operations"
    table = "".join(("| operation | proven by tests |\n| --- | --- |\n", *rows))
    return f"\n<details><summary>{title}</summary>\n\n{table}\n</details>\n\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    README.write_text(written(README.read_text()))
