"""Vectors of memories as the extension pgvector compares them, where an operator asked for that.

They lie in a column that models do not know: a trigger fills it from `embedding`, so that both go together,
whoever writes.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FloatField, Func
from django.db.models.sql.compiler import SQLCompiler

from .conditions import Sql

__all__ = ["ADD", "CONFIRM", "FILL", "REMOVE", "Distance", "has_vectors", "is_installed"]

COLUMN = "embedding_vector"
COMPLETE = "parley_memory_vectors"
"""A constraint: every embedding has its vector. PostgreSQL vouches for it once it is valid."""

# An embedding is numbers of half precision, little end first. Infinity and what is no number count as zero:
# they make no write fail.
ADD = [
    f"ALTER TABLE parley_memory ADD COLUMN IF NOT EXISTS {COLUMN} halfvec",
    """
    CREATE OR REPLACE FUNCTION parley_memory_vector() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.embedding_vector := (
        SELECT array_agg(
          CASE bits >> 15 WHEN 1 THEN -1 ELSE 1 END
          * CASE bits >> 10 & 31 WHEN 0 THEN (bits & 1023) * 2::float8 ^ -24 WHEN 31 THEN 0
            ELSE (1024 + (bits & 1023)) * 2::float8 ^ ((bits >> 10 & 31) - 25) END
          ORDER BY number
        )::real[]::halfvec
        FROM generate_series(0, octet_length(NEW.embedding) / 2 - 1) AS number,
          LATERAL (
            SELECT get_byte(NEW.embedding, 2 * number) + 256 * get_byte(NEW.embedding, 2 * number + 1) AS bits
          ) AS stored
      );
      RETURN NEW;
    END $$""",
    """
    CREATE OR REPLACE TRIGGER parley_memory_vector BEFORE INSERT OR UPDATE OF embedding ON parley_memory
    FOR EACH ROW EXECUTE FUNCTION parley_memory_vector()""",
]
FILL = f"""
    UPDATE parley_memory SET embedding = embedding WHERE workspace_id = %s AND id IN (
      SELECT id FROM parley_memory
      WHERE workspace_id = %s AND octet_length(embedding) > 1 AND {COLUMN} IS NULL
      ORDER BY id LIMIT %s FOR UPDATE
    ) RETURNING 1"""  # noqa: S608  a name of ours
"""Vectors for some memories of a workspace that lack theirs: the workspace, twice, and how many."""
CONFIRM = [
    f"ALTER TABLE parley_memory DROP CONSTRAINT IF EXISTS {COMPLETE}",
    f"ALTER TABLE parley_memory ADD CONSTRAINT {COMPLETE}"
    f" CHECK (octet_length(embedding) < 2 OR {COLUMN} IS NOT NULL) NOT VALID",
    f"ALTER TABLE parley_memory VALIDATE CONSTRAINT {COMPLETE}",
]
REMOVE = [
    f"ALTER TABLE parley_memory DROP CONSTRAINT IF EXISTS {COMPLETE}",
    "DROP TRIGGER IF EXISTS parley_memory_vector ON parley_memory",
    "DROP FUNCTION IF EXISTS parley_memory_vector()",
    f"ALTER TABLE parley_memory DROP COLUMN IF EXISTS {COLUMN}",
]


class Distance(Func):
    """How far a memory lies from the nearest of these vectors: the negative cosine, since they have length 1.

    The memory must have a vector of their dimensions.
    """

    output_field = FloatField()

    def __init__(self, vectors: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self.vectors = [str([*vector]) for vector in vectors]

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, *self.vectors)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any
    ) -> Sql:
        table = connection.ops.quote_name(str(compiler.query.get_initial_alias()))
        each = [f"{table}.{COLUMN} <#> %s::halfvec" for _ in self.vectors]
        return f"LEAST({', '.join(each)})", self.vectors


def is_installed(using: str) -> bool:
    """Whether the database has the extension, with the type that we use (0.7 and later)."""
    return _is_there("SELECT to_regtype('halfvec') IS NOT NULL", using)


def has_vectors(using: str) -> bool:
    """Whether all memories of this database that have an embedding have their vectors."""
    complete = f"conrelid = 'parley_memory'::regclass AND conname = '{COMPLETE}' AND convalidated"
    return _is_there(f"SELECT EXISTS (SELECT FROM pg_constraint WHERE {complete})", using)  # noqa: S608


def _is_there(question: str, using: str) -> bool:
    connection = connections[using]
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(question)
        [(answer,)] = cursor.fetchall()
    return bool(answer)
