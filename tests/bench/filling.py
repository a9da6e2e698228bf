"""Many rows into a table at the speed of the database: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

__all__ = ["fill", "maintain", "without_indexes"]

AT_ONCE = 10_000
INDEXES = {
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
    " (SELECT conname FROM pg_constraint)",
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s"
    " AND sql IS NOT NULL",
}


def fill(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert the rows, with the values that an INSERT by Django would give them."""
    fields = model._meta.local_concrete_fields
    table, columns = model._meta.db_table, ", ".join(str(field.column) for field in fields)
    values = (_values(row, fields) for row in rows)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            sql = f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"
            while some := list(islice(values, AT_ONCE)):
                cursor.executemany(sql, some)


@contextmanager
def without_indexes(model: type[models.Model]) -> Iterator[None]:
    """Without those of the table that hold no constraint; they are made anew from all rows, which is fast."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES[connection.vendor], [model._meta.db_table])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET maintenance_work_mem = '1GB'")
        for _, definition in indexes:
            cursor.execute(definition)


def maintain() -> None:
    """What autovacuum does in time: fresh statistics and the visibility map."""
    with connection.cursor() as cursor:
        for statement in ("VACUUM", "ANALYZE"):
            cursor.execute(statement)


def _values(row: models.Model, fields: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields)
