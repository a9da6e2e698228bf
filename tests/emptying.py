"""What a test with transactions of its own leaves behind is deleted row by row.

Django would truncate every table, which PostgreSQL does by new files for each table and index, and write all
content types and permissions anew. Tests leave few rows in few tables.
"""

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction
from django.test import TransactionTestCase

KEPT = {model._meta.db_table for model in (ContentType, Permission)}
"""What migrations have written, and no test changes."""


def empty_databases(test: TransactionTestCase) -> None:
    """In the place of `TransactionTestCase._fixture_teardown`."""
    for alias in test._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        _empty(alias)


def _empty(alias: str) -> None:
    connection = connections[alias]
    quoted = connection.ops.quote_name
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    asked = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})" for name in {*tables} - KEPT]
    with transaction.atomic(using=alias, durable=True), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        for (name,) in cursor.fetchall():  # foreign keys are checked at the end
            cursor.execute(f"DELETE FROM {quoted(name)}")
        cursor.execute("DELETE FROM parley_workspace_total")  # that triggers keep of what is gone
