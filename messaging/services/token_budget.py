"""Which messages of a conversation fit into a budget of tokens: read from an index, which holds their counts.

What is counted of a message, and by whom, `messaging.content.tokens` says. Around each message a vendor puts
a frame: its role and delimiters. It is added here, so that a budget holds for many short messages, too.
"""

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from messaging.index.index_scan import IndexScan
from messaging.models import Message
from messaging.sql.columns import field_of
from messaging.sql.running import Row, rows_of
from messaging.sql.statements import converted

FRAME = 4
"""Tokens of a frame, as OpenAI documents them for its chat models, and one more."""
ORDER = ("created_at", "seq")
"""In which messages are listed."""
POSITION = tuple(field_of(Message, name) for name in ORDER)
READ = "created_at, seq, token_count"
# The rows of a block one by one, and how many of them fit.
FITTING = """
SELECT created_at, seq, number, cost FROM (
  SELECT created_at, seq, ROW_NUMBER() OVER listed AS number, SUM(token_count + %s) OVER listed AS cost
  FROM ({newest}) AS newest WINDOW listed AS (ORDER BY created_at DESC, seq DESC ROWS UNBOUNDED PRECEDING)
) AS counted WHERE cost <= %s ORDER BY number DESC LIMIT 1"""
# The sum of a block, which takes a tenth of the time.
SUM = """
SELECT oldest.created_at, oldest.seq, block.number, block.cost FROM
  (SELECT COUNT(*) AS number, SUM(token_count) + COUNT(*) * %s AS cost FROM ({newest}) AS newest) AS block
  LEFT JOIN ({oldest}) AS oldest ON true"""
BLOCK = 256
"""So many messages at most are looked at one by one."""
CAUTION = 0.9
"""The share that is summed up at once of the messages that would fit if all were alike."""

Position = tuple[datetime, int]
"""(created_at, seq) of a message: where it stands in the list of its conversation."""


class _Taken(NamedTuple):
    start: Position | None
    """Where the oldest of them stands."""
    messages: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """The newest messages that fit."""

    start: Position | None = None
    """Of the oldest message that fits: it and all behind it do. None where none does."""
    messages: int = 0
    """How many fit."""
    tokens: int = 0
    """Of these together, with their frames."""


def fitting(
    *,
    workspace_id: str,
    conversation_id: str,
    max_tokens: int,
    roles: Collection[str] | None = None,
    frame: int = FRAME,
    after: Position | None = None,
    before: Position | None = None,
    most_messages: int = sys.maxsize,
    all_branches: bool = False,
) -> Fitting:
    """The newest messages of a conversation whose tokens are at most `max_tokens`, in the order of its list.

    `roles` are those that may be taken; None for all. `frame` tokens are added for each message. Only what
    stands behind the position `after` and before that of `before` is read, of that no more than
    `most_messages`, and what others took the place of with `all_branches` alone. No text is read. An unknown
    conversation has no messages.
    """
    narrowed: dict[str, list[str] | None] = {} if all_branches else {"superseded_by": None}
    if roles is not None:
        narrowed["role"] = sorted(set(roles))
    rows = IndexScan.of_workspace(Message, workspace_id, conversation_id=conversation_id, **narrowed)
    if after is not None:
        rows = rows.after(ORDER, after)
    taken = _newest(rows, before, frame, max_tokens, most_messages)
    return Fitting(start=taken.start, messages=taken.messages, tokens=taken.tokens)


def _newest(rows: IndexScan, before: Position | None, frame: int, budget: int, most: int) -> _Taken:
    """As many of the newest of these rows as fit. Most are summed up, the last ones looked at one by one."""
    taken, size = _Taken(before, 0, 0), min(BLOCK, most)
    while True:
        older = rows if taken.start is None else rows.after(ORDER, taken.start, descending=True)
        block = (_fitting if size <= BLOCK else _sum)(older, size, frame, budget - taken.tokens)
        if block is None and size > BLOCK:
            size = max(size // 2, BLOCK)
            continue
        if block is None:
            return taken if taken.messages else _Taken(None, 0, 0)
        taken = _Taken(block.start, taken.messages + block.messages, taken.tokens + block.tokens)
        if block.messages < size or taken.messages >= most:
            return taken
        alike = (budget - taken.tokens) * taken.messages / max(taken.tokens, 1)
        size = min(max(int(alike * CAUTION), BLOCK), most - taken.messages)


def _fitting(rows: IndexScan, size: int, frame: int, budget: int) -> _Taken | None:
    """Those of the newest rows that fit, `size` at most; None where none does."""
    text, params = _newest_first(rows)[:size].statement(READ)
    answer = rows_of(FITTING.format(newest=text), [frame, *params, budget], rows.db)
    return _taken(answer, rows.db)


def _sum(rows: IndexScan, size: int, frame: int, budget: int) -> _Taken | None:
    """The newest rows, `size` at most; None where they do not fit all."""
    newest, params = _newest_first(rows)[:size].statement("token_count")
    oldest, ends = _newest_first(rows)[size - 1 : size].statement("created_at, seq")
    answer = rows_of(SUM.format(newest=newest, oldest=oldest), [frame, *params, *ends], rows.db)
    block = _taken(answer, rows.db)
    if block is None or block.tokens > budget:
        return None
    if block.start is None:  # they are fewer, down to the first of all
        [first] = rows_of(*rows.in_order(ORDER)[:1].statement(READ), rows.db)
        return block._replace(start=converted([first], POSITION, rows.db)[0][:2])
    return block


def _newest_first(rows: IndexScan) -> IndexScan:
    return rows.in_order(ORDER, descending=True)


def _taken(answer: Sequence[Row], using: str) -> _Taken | None:
    if not answer:
        return None
    [(created_at, seq, messages, tokens)] = converted(answer, POSITION, using)
    return _Taken(None if seq is None else (created_at, seq), messages, int(tokens or 0))
