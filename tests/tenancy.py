"""Whether statements of ours name their tenant: what `tests/conftest.py` holds against all SQL of the suite.

A statement that reads or writes a tenant's table confines every mention of it by its `workspace_id`, so that
no join goes by id alone, and no UPDATE sets that column. SQL that tests write themselves does not count.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["EXCEPTIONS", "TABLES", "Watch", "is_of_product", "problems_of"]

TABLES = frozenset(
    f"parley_{name}"
    for name in (
        "change",
        "conversation",
        "idempotencyrecord",
        "memory",
        "memoryrevision",
        "memorysource",
        "memorycursor",
        "memorydismissal",
        "message",
        "part",
        "run",
        "storedobject",
        "webhook",
        "webhookdelivery",
        "workspace_total",
    )
)
TENANT = "workspace_id"
ROOT = str(Path(__file__).parents[1])
TESTS = f"{ROOT}/tests/"
WATCHERS = (__file__, f"{TESTS}replica.py", f"{ROOT}/config/watching/databases.py")

EXCEPTIONS = {
    "messaging.services.runs.fail_stale_runs": "looks for the stale runs of the whole store",
    "messaging.services.retries.idempotency.remove_old_answers": "looks for old answers of the whole store",
    "messaging.services.old_changes": "removes changes of the whole store by their age",
    "messaging.services.token_counts": "counts tokens of the whole store anew",
    "messaging.services.totals.recount_messages": "counts the whole store anew, with its writers held off",
    "messaging.migrations.sql.operations": "fills tables of the whole store, before anybody is served",
    "messaging.index.postings.selectivity_of": "asks how many rows the table has, and how many the tenant",
    "messaging.index.filling.fill_index_terms": "reads every row of the store",
    "config.watching.figures._of_webhooks": "counts the webhooks of the whole store that fail",
    "messaging.webhooks.leases.claim": "looks for the webhooks of the whole store that are due",
    "messaging.webhooks.upkeep.remove_old_deliveries": "goes through the webhooks of the whole store",
    "messaging.models.totals._of_the_store": "adds up the totals of all workspaces, for staff",
    "messaging.services.imports.ids.workspaces_of": "an id is unique in the whole store: is it free?",
    "messaging.services.imports.ids._stored": "an id is unique in the whole store: is it free?",
    "messaging.services.memories.imported._is_taken": "an id is unique in the whole store: is it free?",
    "messaging.services.imports.contents": "an id is unique in the whole store: is it free?",
    "messaging.changes.reading.read_changes_for_memories": "reads those of the whole store",
    "messaging.backup": "copies the whole store",
    "messaging.management.commands.export_conversations": "an operator exports of any workspace, or of all",
    "django.contrib.admin.options.ModelAdmin.get_object": "staff opens a row by its id alone",
    "messaging.admin.actions.bulk._by_workspace": "whose are the rows that staff chose?",
    "messaging.admin.dashboard.feedback": "adds up that of all workspaces, for staff who see them all",
    "messaging.admin.dashboard.memories": "counts those of all workspaces, for staff who see them all",
    "messaging.admin.dashboard.webhooks": "counts those of all workspaces, for staff who see them all",
    "messaging.admin.lists.lookup._page": "staff pastes an id, which does not say whose it is",
    "messaging.admin.lists.paginator.BoundedPaginator.keys": "staff who sees all workspaces lists them all",
    "messaging.admin.lists.paginator.BoundedPaginator._confined": "whose are the rows of such a list?",
    "rest_framework.generics": "the yardstick of the benchmark knows no tenants",
    "rest_framework.mixins": "the yardstick of the benchmark knows no tenants",
}
"""By the function or module that runs a statement which names no tenant: why it must not."""

TOKEN = re.compile(r"""'(?:[^']|'')*'|"((?:[^"]|"")*)"|([A-Za-z_][\w$]*)|[(),.;=]|[^\s\w'"(),.;=]+|\d+""")
SETS = frozenset({"union", "intersect", "except"})
BLOCKS = frozenset({"select", "with", "insert", "update", "delete", "values"})
READS = frozenset(
    {"for", "from", "group", "having", "join", "limit", "offset", "on", "order", "select", "using"}
)
WRITES = frozenset({"into", "returning", "set", "update", "values", "where", "window"})
CLAUSES = WRITES | READS
NO_ALIAS = CLAUSES | {"as", "cross", "full", "inner", "left", "natural", "right", "outer", "default", "not"}

Tree = list["str | Tree"]


@lru_cache(maxsize=5_000)  # batches are statements of megabytes, each for itself
def problems_of(sql: str) -> tuple[str, ...]:
    """What is wrong with a statement; nothing for one that names its tenant or needs none."""
    if not any(table in sql for table in TABLES):
        return ()
    tokens = [token for match in TOKEN.finditer(sql) if (token := _token(match))]
    if not tokens or tokens[0] not in BLOCKS:  # DDL, EXPLAIN, savepoints
        if tokens[:1] != ["explain"]:
            return ()
        tokens = tokens[next(place for place, token in enumerate(tokens) if token in BLOCKS) :]
    tree, _ = _tree(tokens, 0)
    return tuple(dict.fromkeys(problem for block in _blocks(tree) for problem in _problems(block)))


def _token(match: re.Match[str]) -> str:
    """Names as they are, keywords in small letters, and what is a text as nothing but that."""
    quoted, word = match[1], match[2]
    if quoted is not None:
        return str(quoted)
    if word is not None:
        return str(word).lower()
    return "''" if match[0].startswith("'") else match[0]


def _tree(tokens: Sequence[str], start: int) -> tuple[Tree, int]:
    """The tokens with a list in place of each pair of brackets."""
    found: Tree = []
    place = start
    while place < len(tokens):
        if tokens[place] == ")":
            return found, place
        if tokens[place] == "(":
            inner, place = _tree(tokens, place + 1)
            found.append(inner)
        else:
            found.append(tokens[place])
        place += 1
    return found, place


def _blocks(tree: Tree) -> Iterator[Tree]:
    """Every SELECT, INSERT, UPDATE and DELETE by itself, without those within it."""
    within: list[Tree] = []
    yield from _split(_without_blocks(tree, within))
    for inner in within:
        yield from _blocks(inner)


def _without_blocks(tree: Tree, within: list[Tree]) -> Tree:
    kept: Tree = []
    for node in tree:
        if isinstance(node, list) and node and isinstance(node[0], str) and node[0] in BLOCKS:
            within.append(node)
            kept.append("(...)")
        else:
            kept.append(_without_blocks(node, within) if isinstance(node, list) else node)
    return kept


def _split(tree: Tree) -> Iterator[Tree]:
    """What UNION and its like join, and what follows a WITH."""
    block: Tree = []
    for node in tree:
        if isinstance(node, str) and node in SETS:
            yield block
            block = []
        else:
            block.append(node)
    yield block


def _problems(block: Tree) -> Iterator[str]:
    tables: dict[str, str] = {}
    named: set[str] = set()
    clause, before = "", ""
    for place, node in enumerate(block):
        if isinstance(node, str) and _begins_clause(node, before):
            clause = f"{before} update" if before == "do" and node == "update" else node
        following = block[place + 1 : place + 4]
        if clause in ("from", "join", "into", "update") and _is_table(node, before):
            table = str(node)
            tables[_alias(following) or table] = table
            if clause == "into":
                columns = [column for column in following if isinstance(column, list)][:1]
                if not columns or TENANT not in columns[0]:
                    yield f"INSERT INTO {table} without {TENANT}"
                tables.popitem()
        if clause == "set" and before in ("set", ",") and node == TENANT:
            yield f"UPDATE sets {TENANT}"
        if clause in ("where", "on", "using"):
            named |= set(_named(node, before, block[place - 2] if place > 1 else ""))
        before = node if isinstance(node, str) else "()"
    for alias, table in tables.items():
        if alias not in named and not ("" in named and len(tables) == 1):
            yield (
                f"{table} as {alias} without its {TENANT}" if alias != table else f"{table} without {TENANT}"
            )


def _begins_clause(token: str, before: str) -> bool:
    if token == "from":
        return before != "distinct"  # IS DISTINCT FROM
    if token in ("update", "set"):
        return before != "for"
    return token in CLAUSES


def _is_table(node: Any, before: str) -> bool:
    return isinstance(node, str) and node in TABLES and before in ("from", "join", "into", "update", ",")


def _alias(following: Sequence[Any]) -> str | None:
    if following[:1] == ["as"]:
        return str(following[1])
    first = following[0] if following else None
    is_name = isinstance(first, str) and re.fullmatch(r"\w+", first) and first not in NO_ALIAS
    return first if is_name else None


def _named(node: Any, before: Any, owner: Any) -> Iterator[str]:
    """Aliases whose tenant a condition names; "" where it does not say whose."""
    if isinstance(node, list):
        for place, inner in enumerate(node):
            previous = node[place - 1] if place else ""
            yield from _named(inner, previous, node[place - 2] if place > 1 else "")
    elif node == TENANT:
        yield str(owner) if before == "." else ""


class Watch:
    """An execute wrapper that notes every statement of ours with which something is wrong."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := problems_of(str(sql)):
            frame = sys._getframe(1)
            if is_of_product(frame) and not _is_excepted(frame):
                self.noted.append(f"{'; '.join(found)}\n  {sql}\n  by {_origin(frame)}")
        return execute(sql, params, many, context)


def is_of_product(frame: FrameType | None) -> bool:
    """Whether the innermost caller is the product, or Django on its way through a request."""
    for file in (caller.f_code.co_filename for caller in _callers(frame)):
        if file in WATCHERS:
            continue
        if file.startswith(TESTS):
            return False
        if file.endswith("django/core/handlers/base.py"):  # an admin page of Django's own
            return True
        if file.startswith(ROOT) and "site-packages" not in file:
            return True
    return False


def _is_excepted(frame: FrameType | None) -> bool:
    return any(_name(caller).startswith(tuple(EXCEPTIONS)) for caller in _callers(frame))


def _origin(frame: FrameType | None) -> str:
    """The functions that led here, the innermost first."""
    ours = [_name(caller) for caller in _callers(frame) if "site-packages" not in caller.f_code.co_filename]
    return " < ".join(name for name in ours if not name.startswith(("tests.", "_pytest")))[:600]


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _name(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_qualname}"
