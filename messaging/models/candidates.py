"""Candidates: how SQLite finds messages by their tags, their meta data and their text.

PostgreSQL has an index for these, `message_found`. On SQLite triggers of migration 0012 keep three tables:

- `messaging_conversation_number`: a number for each conversation, those of a workspace side by side;
- `messaging_message_term`: the index terms of the messages within their workspace, see `terms`;
- `messaging_message_found`: the trigrams of their texts, a table of FTS5 that holds nothing else.

In the last two a message is a number itself, that of its conversation and its `seq` in one. So what a
workspace or a conversation has is a range of each entry, and what others have is not read.

SQLite knows nothing of how frequent a term is; the candidates are counted, as far as it matters, before a
statement is written. The figures below are of a million messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.jsontext import dumps

__all__ = ["Candidates", "Frequency", "are_kept_of", "containing", "having_all", "having_any"]

TABLE = "messaging_message"
SEQ_BITS = CONVERSATION_BITS = 23
"""The number of a message is 17 bits for its workspace, 23 for its conversation there, 23 for its `seq`."""
SEQ_MASK = (1 << SEQ_BITS) - 1
WORKSPACE_SHIFT = CONVERSATION_BITS + SEQ_BITS

FEW = 1_000
"""So many candidates are always taken: 5 ms."""
OF_ALL = 16
"""Beyond one in so many messages, reading row by row is as fast."""
WALK = 4
"""A page is found by walking where the square of their number is so many times that of all messages."""
MOST_TRIGRAMS = 32
"""Of a long text not all are asked for: they would find nothing else."""
COUNTED = 1_000
"""Entries of a term that are counted to see which term is the rarest."""

NUMBER = "SELECT number FROM messaging_conversation_number WHERE"
WITHIN_CONVERSATION = f"""
BETWEEN ({NUMBER} conversation_id = %s) << {SEQ_BITS}
AND (({NUMBER} conversation_id = %s) << {SEQ_BITS}) + {SEQ_MASK}"""
WITHIN_WORKSPACE = f"""
BETWEEN (({NUMBER} workspace_id = %s LIMIT 1) >> {CONVERSATION_BITS}) << {WORKSPACE_SHIFT}
AND (((({NUMBER} workspace_id = %s LIMIT 1) >> {CONVERSATION_BITS}) + 1) << {WORKSPACE_SHIFT}) - 1"""
ONE_OF = "SELECT message FROM messaging_message_term AS led WHERE term IN (SELECT value FROM json_each(%s))"
# The rarest leads, and the others are looked up for each message that has it.
ALL_OF = f"""
SELECT message FROM messaging_message_term AS led WHERE term = (
  SELECT value FROM json_each(%s) ORDER BY (
    SELECT COUNT(*) FROM (SELECT 1 FROM messaging_message_term WHERE term = value LIMIT {COUNTED})
  ) LIMIT 1
) AND NOT EXISTS (
  SELECT 1 FROM json_each(%s) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM messaging_message_term AS had WHERE had.term = wanted.value AND had.message = led.message
  )
)"""  # noqa: S608  a constant
TEXTS = "SELECT rowid AS message FROM messaging_message_found WHERE messaging_message_found MATCH %s"
PLACES = f"""
SELECT conversation_id, message & {SEQ_MASK} FROM ({{}}) AS candidates
CROSS JOIN messaging_conversation_number ON number = message >> {SEQ_BITS}"""  # noqa: S608  constants
COUNT = f"""
SELECT MAX(rowid), (SELECT COUNT(*) FROM (SELECT 1 FROM ({{}}) AS candidates LIMIT (
  SELECT MAX(%s, MAX(rowid) / %s) + 1 FROM {TABLE}
))) FROM {TABLE}"""  # noqa: S608  constants


class Frequency(NamedTuple):
    """How frequent candidates are, as far as it matters."""

    messages: int
    """About how many there are at all."""
    candidates: int
    """Counted up to one more than `most`."""

    @property
    def most(self) -> int:
        return max(FEW, self.messages // OF_ALL)


@dataclass(frozen=True)
class Candidates:
    """Numbers of messages, as SQL of a column `message`."""

    sql: str
    params: tuple[Any, ...]

    def condition(
        self, table: str, frequency: Frequency, *, in_order: bool
    ) -> tuple[str, tuple[Any, ...]] | None:
        """That a message of this table is one of them; None where reading all messages is as fast.

        Rare ones are looked up and sorted, 9 µs for each. Of more a page `in_order` is found by walking and
        asking of each message whether it is one of them, which takes no row for that; a `+` before a column
        keeps SQLite from looking up by it.
        """
        if frequency.candidates > frequency.most:
            return None
        walks = in_order and frequency.candidates**2 > WALK * frequency.messages
        place = ", ".join(f"{'+' * walks}{table}.{column}" for column in ("conversation_id", "seq"))
        return f"(({place}) IN ({PLACES.format(self.sql)}))", self.params

    def frequency(self, connection: BaseDatabaseWrapper) -> Frequency:
        """Asks the database, in one statement."""
        with connection.cursor() as cursor:
            cursor.execute(COUNT.format(self.sql), (*self.params, FEW, OF_ALL))
            messages, candidates = cursor.fetchone()
        return Frequency(messages or 0, candidates)


def are_kept_of(model: type[models.Model], connection: BaseDatabaseWrapper) -> bool:
    """Whether the database has these tables, and has them of this model."""
    return connection.vendor == "sqlite" and model._meta.db_table == TABLE


def having_any(terms: Sequence[int], conversations: Sequence[str]) -> Candidates:
    """Messages with one of these terms, in this conversation where one is named."""
    within, ids = _within("message", (), conversations)
    return Candidates(ONE_OF + within, (dumps(list(terms)).decode(), *ids))


def having_all(terms: Sequence[int], conversations: Sequence[str]) -> Candidates:
    """Messages with all of these terms, in this conversation where one is named."""
    if len(terms) == 1:
        return having_any(terms, conversations)
    within, ids = _within("message", (), conversations)
    wanted = dumps(list(terms)).decode()
    return Candidates(ALL_OF + within, (wanted, wanted, *ids))


def containing(text: str, workspaces: Sequence[str], conversations: Sequence[str]) -> Candidates:
    """Messages with the trigrams of this folded text, in this conversation or workspace where one is named.

    The text has three characters at least.
    """
    trigrams = list(dict.fromkeys(text[place : place + 3] for place in range(len(text) - 2)))
    asked = trigrams[:: -(-len(trigrams) // MOST_TRIGRAMS)]
    match = " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in asked)
    within, ids = _within("rowid", workspaces, conversations)
    return Candidates(TEXTS + within, (match, *ids))


def _within(
    column: str, workspaces: Sequence[str], conversations: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """Further condition upon a column of numbers, and its parameters; nothing where several are named."""
    if len(conversations) == 1:
        return f" AND {column} {WITHIN_CONVERSATION}", (conversations[0],) * 2
    if len(workspaces) == 1:
        return f" AND {column} {WITHIN_WORKSPACE}", (workspaces[0],) * 2
    return "", ()
