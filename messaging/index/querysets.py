"""What every table of the store can do: be paged by key, counted within bounds, updated and read at once."""

from collections.abc import Sequence
from typing import Any, Generic, Self, TypeVar

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connections, models
from django.db.models.sql import Query, UpdateQuery

from messaging.sql.columns import field_of, ordered, quoted, table_of
from messaging.sql.conditions import Sql
from messaging.sql.databases import read_database, write_database
from messaging.sql.derived import derived_columns
from messaging.sql.insertions import insert_rows, select_given
from messaging.sql.rows import Reading
from messaging.sql.statements import converted
from messaging.values.json import dumps

from .filters import Filter, Scope, narrowing
from .keyset import AfterPosition, Bound, Position

Row = TypeVar("Row", bound=models.Model, covariant=True)
Values = tuple[Any, ...]


class StoreQuerySet(models.QuerySet[Row, Row], Generic[Row]):
    """Base of the querysets of the store."""

    scope = Scope()
    """Whose rows these are, as `for_workspace` and the like were told."""

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.scope = self.scope
        return clone

    @property
    def db(self) -> str:
        """Alias of the database that this runs on; see `messaging.sql.databases`."""
        if self._db:  # type: ignore[attr-defined]  # the stubs know neither
            return super().db
        if self._for_write:
            return write_database(self.model, **self._hints)  # type: ignore[attr-defined]
        return read_database(self.model)

    def narrow(self, *filters: Filter) -> Self:
        """Only the rows that these filters leave: by index keys where the tenant has been named before."""
        vendor = connections[self.db].vendor
        return self.filter(*narrowing(self.model, filters, self.scope, vendor=vendor))

    def in_order(self, names: Sequence[str], *, descending: bool = False) -> Self:
        """Ordered by these columns, all in one direction, so that one index scan serves both."""
        return self.order_by(*[f"-{name}" if descending else name for name in names])

    def after(self, names: Sequence[str], position: Position, *, descending: bool = False) -> Self:
        """Rows that come after `position` in the order of `in_order` with the same arguments."""
        return self.filter(AfterPosition(self.model, Bound(tuple(names), position, descending)))

    def source(self, among: Sql | None = None) -> tuple[str, list[Any]]:
        """Where the rows are from and which they are, as SQL: FROM, WHERE, and the parameters.

        `among` is a statement, with its parameters, that selects some rows of the table, in place of all.
        Raises EmptyResultSet where no row can match.
        """
        query = self.query.chain()
        query.get_initial_alias()
        tables, params = query.get_compiler(self.db).get_from_clause()
        if among:
            tables, params = [f"({among[0]}) AS {tables[0]}"], among[1]
        where, values = self._condition(query)
        return f"FROM {' '.join(tables)} WHERE {where}", [*params, *values]

    def selected(self, reading: Reading, among: Sql | None = None) -> list[Values]:
        """What these SQL expressions are for each row, as the driver gives it.

        The queryset is narrowed, ordered by columns of its own and cut, no more; for `among` see `source`.
        """
        try:
            source, params = self.source(among)
        except EmptyResultSet:
            return []
        with connections[self.db].cursor() as cursor:
            cursor.execute(reading.limited(self._selecting(reading, source), self.db), params)
            return reading.fetched(cursor, self.db)

    def _selecting(self, reading: Reading, source: str) -> str:
        query, table = self.query, table_of(self.model, self.db)
        names = [str(name) for name in query.order_by]
        columns = quoted(self.model, tuple(name.lstrip("-") for name in names), self.db, table)
        descending = bool(names) and names[0].startswith("-")  # as `in_order` has it
        by = f" ORDER BY {ordered(columns, descending=descending)}" if names else ""
        if not query.is_sliced:
            return f"SELECT {reading.select} {source}{by}"
        # The rows are sorted as they are, and those of the part alone are written out.
        plain = dict.fromkeys([*quoted(self.model, reading.columns, self.db, table), *columns])
        limit = connections[self.db].ops.limit_offset_sql(query.low_mark, query.high_mark)
        part = f"SELECT {', '.join(plain)} {source}{by} {limit}"
        return f"SELECT {reading.select} FROM ({part}) AS {table}{by}"  # noqa: S608  compiled, of our columns

    def update_returning(self, returning: Sequence[str], **values: Any) -> list[Values]:
        """UPDATE these rows and read columns of the new versions, in one statement.

        Under READ COMMITTED expressions such as F("last_seq") + 1 see what a concurrent writer committed
        while this one waited for the row: the statement is lock, read and write in one.
        """
        self._for_write = True
        query: UpdateQuery = self.query.chain(UpdateQuery)  # type: ignore[assignment]
        query.add_update_values(values)
        sql, params = query.get_compiler(self.db, connections[self.db]).as_sql()
        columns = ", ".join(quoted(self.model, tuple(returning), self.db))
        fields = tuple(field_of(self.model, name) for name in returning)
        return converted(self._run(f"{sql} RETURNING {columns}", params), fields, self.db)

    def update_each(self, rows: Sequence[Row], names: Sequence[str]) -> None:
        """UPDATE those of these rows that the queryset holds, each with its own values of these columns.

        One statement, which sets what follows from these columns too. `bulk_update` takes several on SQLite,
        where it keeps to an old limit of parameters; see `insert_all`.
        """
        if not rows:
            return
        self._for_write = True
        derived = [derived_columns(row, names) for row in rows]
        connection, every = connections[self.db], ("pk", *names, *derived[0])
        fields: list[Any] = [field_of(self.model, name) for name in every]
        columns, table = quoted(self.model, every, self.db), table_of(self.model, self.db)
        values = [
            [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
            for row in rows
        ]
        has_bytes = any(isinstance(field, models.BinaryField) for field in fields)  # JSON has none
        if connection.vendor == "postgresql" or has_bytes:
            placeholders = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
            source, params = f"VALUES {placeholders}", [value for row in values for value in row]
        else:
            source, params = select_given(len(fields)), [dumps(values).decode()]
        new = ", ".join(
            f"{column} = {_typed(f'given.{column}', field, connection)}"
            for column, field in zip(columns[1:], fields[1:], strict=True)
        )
        try:
            condition, narrowed = self._condition()
        except EmptyResultSet:
            return
        self._run(
            f"WITH given ({', '.join(columns)}) AS ({source}) UPDATE {table} SET {new} FROM given"  # noqa: S608
            f" WHERE {table}.{columns[0]} = given.{columns[0]} AND {condition}",
            [*params, *narrowed],
        )

    def delete_rows(self) -> int:
        """DELETE these rows in one statement; returns how many there were.

        Nothing that refers to them goes with them, and no signal is sent: see `messaging.services.deletion`.
        """
        self._for_write = True
        try:
            condition, params = self._condition()
        except EmptyResultSet:
            return 0
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"DELETE FROM {table_of(self.model, self.db)} WHERE {condition}", params)  # noqa: S608
            return int(cursor.rowcount)

    def _condition(self, query: Query | None = None) -> Sql:
        """Which rows of the table these are, as SQL and its parameters. Raises EmptyResultSet where there can
        be none."""
        if query is None:
            query = self.query.chain()
            query.get_initial_alias()
        try:
            condition: Sql = query.get_compiler(self.db).compile(query.where)
        except FullResultSet:
            return "true", ()
        return condition

    def _run(self, sql: str, params: Sequence[Any]) -> list[Values]:
        with connections[self.db].cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[Values] = cursor.fetchall() if cursor.description else []
            return rows

    def insert_all(self, rows: Sequence[Row]) -> None:
        """INSERT these rows, every column of them, in few statements; see `insert_rows`."""
        if rows:
            self._for_write = True
            insert_rows(rows, self.db)


class TenantQuerySet(StoreQuerySet[Row], Generic[Row]):
    """Base of the querysets of tables that carry `workspace_id`."""

    def for_workspace(self, workspace_id: str) -> Self:
        """Only rows of this workspace: the one place where tenancy is enforced."""
        rows = self.filter(workspace_id=workspace_id)
        rows.scope = self.scope._replace(workspaces=(workspace_id,))
        return rows


def _typed(value: str, field: Any, connection: Any) -> str:
    """A column of a bare list of values, which PostgreSQL takes for text, as what it is."""
    return f"CAST({value} AS {field.db_type(connection)})" if connection.vendor == "postgresql" else value
