"""Many rows into a table at the speed of the database: COPY on PostgreSQL, large batches on SQLite."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from django.db import connection, models, transaction

from messaging.sql.insertions import insert_rows

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
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _copy(model, rows)
        else:
            rows = iter(rows)
            while some := list(islice(rows, AT_ONCE)):
                insert_rows(some, connection.alias)


def _copy(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    fields = model._meta.local_concrete_fields
    table, columns = model._meta.db_table, ", ".join(str(field.column) for field in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
            )


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
