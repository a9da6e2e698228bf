"""What the ORM has no expression for."""

from typing import Any

from django.db.models.functions import TruncDate

__all__ = ["Day"]


class Day(TruncDate):
    """The day of a moment in a time zone.

    SQLite would call Python for each row; the day in UTC is how the text of a moment begins.
    """

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        if self.get_tzname() != "UTC":
            return self.as_sql(compiler, connection)
        sql, params = compiler.compile(self.lhs)
        return f"substr({sql}, 1, 10)", params
