"""Posting lists on SQLite: how it finds messages by their index keys and by the trigrams of their text.

PostgreSQL has an index for these, `parley_message_terms`. On SQLite triggers keep four tables:

- `parley_conversation_number`: a number for each conversation, those of a workspace next to each other;
- `parley_message_term`: the index keys of the messages within their workspace, see `terms`;
- `parley_message_text`: the trigrams of their texts, a table of FTS5 that holds nothing else;
- `parley_message_other`: the same of what staff see of them besides.

In the last three a message is a number itself, that of its conversation and its `seq` in one. So the
entries of a workspace or a conversation are one range of each posting list, and nobody reads those of others.

SQLite has no statistics of a key or a text. The planner of a listing asks for their selectivity, as far as it
matters, before it writes the statement.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from messaging.sql.conditions import Sql
from messaging.values.json import dumps
from messaging.values.text import fold

from .conditions import Facts
from .filters import Scope
from .terms import term

TABLE = "parley_message"
SEQ_BITS = CONVERSATION_BITS = 23
"""The number of a message is 17 bits for its workspace, 23 for its conversation there, 23 for its `seq`."""
SEQ_MASK = (1 << SEQ_BITS) - 1
WORKSPACE_SHIFT = CONVERSATION_BITS + SEQ_BITS

SMALL = 1_000
"""So many rows are read one by one rather than looked up."""
FEW = 1_000
"""So many postings are always looked up."""
OF_ALL = 16
"""Where more than one message in so many matches, to read one by one finds a page as fast."""
SCAN = 4
"""A page comes from a scan in order where the square of the matches is so many times the number of
messages."""
MOST_TRIGRAMS = 16
"""Of a long text not all are asked for: each is looked up, and the rest would find nothing else."""
COUNTED = 1_000
"""Entries of a key that are counted to see which key is the rarest."""

# Where there is no number the bounds are below all: without bounds FTS5 would read the entries of every
# tenant.
NUMBER = "COALESCE((SELECT number FROM parley_conversation_number WHERE"
FIRST_OF_CONVERSATION = f"({NUMBER} conversation_id = %s AND workspace_id = %s), -1) << {SEQ_BITS})"
FIRST_OF_WORKSPACE = f"({NUMBER} workspace_id = %s LIMIT 1), -1) >> {CONVERSATION_BITS} << {WORKSPACE_SHIFT})"
WITHIN_CONVERSATION = f"BETWEEN {FIRST_OF_CONVERSATION} AND {FIRST_OF_CONVERSATION} + {SEQ_MASK}"
WITHIN_WORKSPACE = f"BETWEEN {FIRST_OF_WORKSPACE} AND {FIRST_OF_WORKSPACE} + {(1 << WORKSPACE_SHIFT) - 1}"
ONE = "SELECT message FROM parley_message_term AS led WHERE term = %s"
ONE_OF = "SELECT message FROM parley_message_term AS led WHERE term IN (SELECT value FROM json_each(%s))"
# The rarest key leads, and the others are looked up for each message that has it.
ALL_OF = f"""
SELECT message FROM parley_message_term AS led WHERE term = (
  SELECT value FROM json_each(%s) ORDER BY (
    SELECT COUNT(*) FROM (SELECT 1 FROM parley_message_term WHERE term = value LIMIT {COUNTED})
  ) LIMIT 1
) AND NOT EXISTS (
  SELECT 1 FROM json_each(%s) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM parley_message_term AS held WHERE held.term = wanted.value AND held.message = led.message
  )
)"""  # noqa: S608  a constant
OTHERS = "SELECT rowid AS message FROM parley_message_other WHERE parley_message_other MATCH %s"
TEXTS = "SELECT rowid AS message FROM parley_message_text WHERE parley_message_text MATCH %s"
POSITIONS = f"""
SELECT conversation_id, message & {SEQ_MASK} FROM ({{postings}}) AS postings
CROSS JOIN parley_conversation_number ON number = message >> {SEQ_BITS}"""  # noqa: S608  constants
BOUNDED = """
postings AS MATERIALIZED (SELECT message FROM ({postings}) AS postings LIMIT %s),
listed AS MATERIALIZED (SELECT COUNT(*) AS number FROM postings)"""
# A list that is longer than its bound stands for no row.
WITHIN = POSITIONS.format(postings="SELECT message FROM postings WHERE (SELECT number FROM listed) <= %s")
REST = "SELECT COUNT(*) FROM (SELECT 1 {source} LIMIT %s)"
# Its parameters: the limits, those of the postings, and those of the rest.
SELECTIVITY = f"""
SELECT messages, rest, CASE WHEN rest > %s THEN (
  SELECT COUNT(*) FROM (SELECT 1 FROM ({{postings}}) AS postings LIMIT (
    SELECT MAX(%s, MAX(rowid) / %s) + 1 FROM {TABLE}
  ))
) ELSE 0 END
FROM (SELECT (SELECT COALESCE(MAX(rowid), 0) FROM {TABLE}) AS messages, ({REST}) AS rest)
"""  # noqa: S608  constants


class Selectivity(NamedTuple):
    """How many messages there are, match other conditions, and are in a posting list: each as far as it
    matters."""

    messages: int
    rest: int
    """How many rows match the conditions that another index serves. Beyond `SMALL` counted as far as there
    are postings, and taken for all where a workspace or a conversation is all that is asked for."""
    postings: int

    @property
    def most(self) -> int:
        """Up to so many postings are worth gathering."""
        return max(FEW, self.messages // OF_ALL)


@dataclass(frozen=True, slots=True)
class Postings:
    """Numbers of messages, as SQL of a column `message`."""

    sql: str
    params: tuple[Any, ...]
    are_exact: bool
    """Whether each of them matches; else it may."""
    are_distinct: bool = False
    """Whether each is there once and matches: their number is that of the messages."""

    def condition(self, selectivity: Selectivity, *, in_order: bool) -> "InPostings | None":
        """That a message is one of them; None where to read messages one by one is as fast.

        Few postings are looked up and their rows sorted. Where there are more, or fewer rows match the rest,
        these rows are scanned and each is asked whether it is in the list, which reads no row: so a page
        `in_order` of what is frequent.
        """
        if selectivity.rest <= SMALL:
            return None
        if selectivity.postings > selectivity.most and (in_order or not self.are_exact):
            return None
        is_frequent = selectivity.postings**2 > SCAN * selectivity.messages
        is_scan = (in_order and is_frequent) or selectivity.rest < selectivity.postings
        return InPostings(POSITIONS.format(postings=self.sql), self.params, is_scan=is_scan)


class InPostings(Func):
    """The conversation and `seq` of a message are among these positions."""

    output_field = BooleanField()

    def __init__(self, positions: str, params: tuple[Any, ...], *, is_scan: bool) -> None:
        super().__init__(F("conversation_id"), F("seq"))
        self.positions, self.params, self.is_scan = positions, params, is_scan

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.positions, self.params, self.is_scan)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any
    ) -> Sql:
        columns = [compiler.compile(column)[0] for column in self.source_expressions]
        # A `+` before a column keeps SQLite from looking rows up by it.
        position = ", ".join(f"+{column}" if self.is_scan else column for column in columns)
        # Django 6.1 writes `= True` behind a condition: here it applies to the 1, and SQLite still looks up.
        return f"({position}) IN ({self.positions}) AND 1", self.params


def are_kept_of(model: type[models.Model], vendor: str) -> bool:
    """Whether a database of this vendor keeps these tables, and keeps them of this model."""
    return vendor == "sqlite" and model._meta.db_table == TABLE


def having(facts: Facts, scope: Scope) -> list[Postings]:
    """The posting lists of messages with these facts, in a workspace or in one conversation of it.

    One stands for all facts that every message must have, and one for each further choice of several.
    """
    [workspace] = scope.workspaces
    within, ids = _within("message", scope)
    keys = [[term(workspace, fact) for fact in choice] for choice in facts]
    musts = [choice[0] for choice in keys if len(choice) == 1]
    lists = [choice for choice in keys if len(choice) != 1]
    postings = [Postings(ONE_OF + within, (dumps(some).decode(), *ids), are_exact=True) for some in lists]
    if len(musts) == 1:
        postings.append(Postings(ONE + within, (*musts, *ids), are_exact=True, are_distinct=True))
    if len(musts) > 1:
        wanted = dumps(musts).decode()
        postings.append(Postings(ALL_OF + within, (wanted, wanted, *ids), are_exact=True, are_distinct=True))
    return postings


def containing(text: str, scope: Scope, *, in_others: bool = False) -> Postings | None:
    """Messages with the trigrams of this text, in a workspace or in one conversation of it; with `in_others`
    also those that have it in what staff see of them besides.

    None where the text has no trigram.
    """
    folded = fold(text)
    every = (folded[start : start + 3] for start in range(len(folded) - 2))
    trigrams = list(dict.fromkeys(trigram for trigram in every if "\0" not in trigram))
    if not trigrams:
        return None
    asked = trigrams[:: -(-len(trigrams) // MOST_TRIGRAMS)]
    match = " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in asked)
    within, ids = _within("rowid", scope)
    tables = (TEXTS, OTHERS) if in_others else (TEXTS,)
    sql = " UNION ".join(table + within for table in tables)
    return Postings(sql, (match, *ids) * len(tables), are_exact=False)


def bounded(postings: Postings) -> tuple[str, tuple[Any, ...]]:
    """Common table expressions of a posting list that is read no farther than one beyond `FEW`."""
    return BOUNDED.format(postings=postings.sql), (*postings.params, FEW + 1)


def is_long(number: int) -> bool:
    """Whether the list of `bounded` has so many entries that it does not hold them all."""
    return number > FEW


def within_postings() -> InPostings:
    """That a message is in the list of `bounded`, where that is no longer than its bound."""
    return InPostings(WITHIN, (FEW,), is_scan=False)


def number_of(postings: Postings, connection: BaseDatabaseWrapper) -> int:
    """How long a list is, which reads no message."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({postings.sql})", postings.params)  # noqa: S608  of our own
        return int(cursor.fetchone()[0])


def selectivity_of(
    postings: Postings, rest: Sql, connection: BaseDatabaseWrapper, *, is_more: bool
) -> Selectivity:
    """Asks the database, in one statement or two. `rest` is FROM and WHERE of the other conditions;
    `is_more`, whether they ask for more than a workspace or a conversation."""
    source, params = rest
    with connection.cursor() as cursor:
        sql = SELECTIVITY.format(postings=postings.sql, source=source)
        cursor.execute(sql, (SMALL, *postings.params, FEW, OF_ALL, *params, SMALL + 1))
        answer = Selectivity(*cursor.fetchone())
        if not is_more:
            return answer if answer.rest <= SMALL else answer._replace(rest=answer.messages)
        if answer.postings > SMALL:
            cursor.execute(REST.format(source=source), (*params, answer.postings))
            answer = answer._replace(rest=cursor.fetchone()[0])
    return answer


def _within(column: str, scope: Scope) -> tuple[str, tuple[str, ...]]:
    """The condition that confines a column of numbers to a scope, and its parameters."""
    [workspace] = scope.workspaces
    if scope.conversation is not None:
        return f" AND {column} {WITHIN_CONVERSATION}", (scope.conversation, workspace) * 2
    return f" AND {column} {WITHIN_WORKSPACE}", (workspace,) * 2
