"""Candidates: how SQLite finds messages by their tags, their meta data and their text.

PostgreSQL has an index for these, `message_terms`. On SQLite triggers of migration 0012 keep three tables:

- `parley_conversation_number`: a number for each conversation, those of a workspace side by side;
- `parley_message_term`: the index terms of the messages within their workspace, see `terms`;
- `parley_message_text`: the trigrams of their texts, a table of FTS5 that holds nothing else.

In the last two a message is a number itself, that of its conversation and its `seq` in one. So what a
workspace or a conversation has is a range of each entry, and nobody waits for what others have.

SQLite knows nothing of how frequent a term or a text is: both are counted, as far as it matters, before a
statement is written. See `Candidates.condition` for what follows from that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.values.json import dumps

__all__ = ["Beside", "Candidates", "Frequency", "are_kept_of", "containing", "having_all", "having_any"]

TABLE = "parley_message"
SEQ_BITS = CONVERSATION_BITS = 23
"""The number of a message is 17 bits for its workspace, 23 for its conversation there, 23 for its `seq`."""
SEQ_MASK = (1 << SEQ_BITS) - 1
WORKSPACE_SHIFT = CONVERSATION_BITS + SEQ_BITS

SMALL = 1_000
"""So many messages are read one by one: 2 ms."""
FEW = 1_000
"""So many candidates are always taken: 5 ms."""
OF_ALL = 16
"""Of more than one in so many messages a page, and texts at all, are found as fast by reading one by one."""
WALK = 4
"""A page is found by walking where the square of their number is so many times that of all messages."""
MOST_TRIGRAMS = 16
"""Of a long text not all are asked for: they would find nothing else, and each is looked up."""
COUNTED = 1_000
"""Entries of a term that are counted to see which term is the rarest."""

# Where there is no number the bounds are below all: without bounds FTS5 would read what everybody has.
NUMBER = "COALESCE((SELECT number FROM parley_conversation_number WHERE"
FIRST_OF_CONVERSATION = f"({NUMBER} conversation_id = %s AND workspace_id = %s), -1) << {SEQ_BITS})"
FIRST_OF_WORKSPACE = f"({NUMBER} workspace_id = %s LIMIT 1), -1) >> {CONVERSATION_BITS} << {WORKSPACE_SHIFT})"
WITHIN_CONVERSATION = f"BETWEEN {FIRST_OF_CONVERSATION} AND {FIRST_OF_CONVERSATION} + {SEQ_MASK}"
WITHIN_WORKSPACE = f"BETWEEN {FIRST_OF_WORKSPACE} AND {FIRST_OF_WORKSPACE} + {(1 << WORKSPACE_SHIFT) - 1}"
ONE_OF = "SELECT message FROM parley_message_term AS led WHERE term IN (SELECT value FROM json_each(%s))"
# The rarest leads, and the others are looked up for each message that has it.
ALL_OF = f"""
SELECT message FROM parley_message_term AS led WHERE term = (
  SELECT value FROM json_each(%s) ORDER BY (
    SELECT COUNT(*) FROM (SELECT 1 FROM parley_message_term WHERE term = value LIMIT {COUNTED})
  ) LIMIT 1
) AND NOT EXISTS (
  SELECT 1 FROM json_each(%s) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM parley_message_term AS had WHERE had.term = wanted.value AND had.message = led.message
  )
)"""  # noqa: S608  a constant
TEXTS = "SELECT rowid AS message FROM parley_message_text WHERE parley_message_text MATCH %s"
PLACES = f"""
SELECT conversation_id, message & {SEQ_MASK} FROM ({{candidates}}) AS candidates
CROSS JOIN parley_conversation_number ON number = message >> {SEQ_BITS}"""  # noqa: S608  constants
BESIDE = f"SELECT COUNT(*) FROM (SELECT 1 FROM {TABLE} {{beside}} LIMIT %s)"  # noqa: S608  a constant
# Its parameters: those of `beside`, of how many of it, and of how many of that again; then of the candidates.
FREQUENCY = f"""
SELECT messages, beside, CASE WHEN beside > %s THEN (
  SELECT COUNT(*) FROM (SELECT 1 FROM ({{candidates}}) AS candidates LIMIT (
    SELECT MAX(%s, MAX(rowid) / %s) + 1 FROM {TABLE}
  ))
) ELSE 0 END
FROM (SELECT (SELECT COALESCE(MAX(rowid), 0) FROM {TABLE}) AS messages, ({BESIDE}) AS beside)
"""  # noqa: S608  constants


class Beside(NamedTuple):
    """The other conditions of a query that an index may serve."""

    sql: str
    """WHERE and the conditions, or nothing; they name columns of `table`."""
    params: tuple[Any, ...]
    table: str
    """Name of the table in the query, quoted."""
    is_more: bool
    """Whether they ask for more than a workspace or a conversation."""


class Frequency(NamedTuple):
    """How frequent candidates are, and what the other conditions leave, each as far as it matters."""

    messages: int
    """About how many there are at all."""
    beside: int
    """How many messages meet the conditions beside. Beyond `SMALL`: counted as far as there are candidates,
    and taken for all where a workspace or a conversation is all that is asked for."""
    candidates: int

    @property
    def most(self) -> int:
        return max(FEW, self.messages // OF_ALL)


@dataclass(frozen=True)
class Candidates:
    """Numbers of messages, as SQL of a column `message`."""

    sql: str
    params: tuple[Any, ...]
    are_exact: bool
    """Whether each of them is meant; else it may be."""

    def condition(
        self, table: str, frequency: Frequency, *, in_order: bool
    ) -> tuple[str, tuple[Any, ...]] | None:
        """That a message of this table is one of them; None where reading messages one by one is as fast.

        Few are looked up and sorted, 9 µs for each. Where there are more, or fewer messages meet the other
        conditions, these are walked through and each asked whether it is a candidate, which takes no row for
        that: so a page `in_order` of what is usual. A `+` before a column keeps SQLite from looking up by it.
        """
        if frequency.beside <= SMALL:
            return None
        if frequency.candidates > frequency.most and (in_order or not self.are_exact):
            return None
        is_usual = frequency.candidates**2 > WALK * frequency.messages
        walks = (in_order and is_usual) or frequency.beside < frequency.candidates
        columns = [f"{table}.{column}" for column in ("conversation_id", "seq")]
        place = ", ".join(f"+{column}" if walks else column for column in columns)
        # Django 6.1 writes `= True` behind a condition: here it is said of the 1, and SQLite still looks up.
        return f"({place}) IN ({PLACES.format(candidates=self.sql)}) AND 1", self.params

    def frequency(self, beside: Beside, connection: BaseDatabaseWrapper) -> Frequency:
        """Asks the database, in one statement or two."""
        with connection.cursor() as cursor:
            cursor.execute(
                FREQUENCY.format(candidates=self.sql, beside=f"AS {beside.table} {beside.sql}"),
                (SMALL, *self.params, FEW, OF_ALL, *beside.params, SMALL + 1),
            )
            found = Frequency(*cursor.fetchone())
            if not beside.is_more:
                return found if found.beside <= SMALL else found._replace(beside=found.messages)
            if found.candidates > SMALL:
                cursor.execute(
                    BESIDE.format(beside=f"AS {beside.table} {beside.sql}"),
                    (*beside.params, found.candidates),
                )
                found = found._replace(beside=cursor.fetchone()[0])
        return found


def are_kept_of(model: type[models.Model], connection: BaseDatabaseWrapper) -> bool:
    """Whether the database has these tables, and has them of this model."""
    return connection.vendor == "sqlite" and model._meta.db_table == TABLE


def having_any(terms: Sequence[int], workspaces: Sequence[str], conversations: Sequence[str]) -> Candidates:
    """Messages with one of these terms, in this conversation or workspace where one is named."""
    within, ids = _within("message", workspaces, conversations)
    return Candidates(ONE_OF + within, (dumps(list(terms)).decode(), *ids), are_exact=True)


def having_all(terms: Sequence[int], workspaces: Sequence[str], conversations: Sequence[str]) -> Candidates:
    """Messages with all of these terms, in this conversation or workspace where one is named."""
    if len(terms) == 1:
        return having_any(terms, workspaces, conversations)
    within, ids = _within("message", workspaces, conversations)
    wanted = dumps(list(terms)).decode()
    return Candidates(ALL_OF + within, (wanted, wanted, *ids), are_exact=True)


def containing(text: str, workspaces: Sequence[str], conversations: Sequence[str]) -> Candidates | None:
    """Messages with the trigrams of this folded text, in this conversation or workspace where one is named.

    None where the text has no trigram.
    """
    every = (text[place : place + 3] for place in range(len(text) - 2))
    trigrams = list(dict.fromkeys(trigram for trigram in every if "\0" not in trigram))
    if not trigrams:
        return None
    asked = trigrams[:: -(-len(trigrams) // MOST_TRIGRAMS)]
    match = " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in asked)
    within, ids = _within("rowid", workspaces, conversations)
    return Candidates(TEXTS + within, (match, *ids), are_exact=False)


def _within(
    column: str, workspaces: Sequence[str], conversations: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """Further condition upon a column of numbers, and its parameters; nothing where several are named."""
    if len(workspaces) != 1:
        return "", ()
    if len(conversations) == 1:
        return f" AND {column} {WITHIN_CONVERSATION}", (conversations[0], workspaces[0]) * 2
    return f" AND {column} {WITHIN_WORKSPACE}", (workspaces[0],) * 2
