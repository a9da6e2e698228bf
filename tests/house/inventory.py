"""What the schema consists of beyond columns: the names in our sources, and the names in a database."""

import re

from django.apps import apps
from django.db import connection

from messaging.migrations.sql import postgresql, sqlite

__all__ = ["OURS", "expected", "present"]

OURS = ("parley", "parley_threads")
CREATED = re.compile(r"\s*CREATE (VIRTUAL TABLE|TABLE|INDEX|TRIGGER|FUNCTION) (\w+)")
OF_DATABASE = {"sqlite": sqlite.FORWARDS, "postgresql": postgresql.FORWARDS}
CONSTRAINT = re.compile(r'CONSTRAINT "(\w+)"')
ON_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' OR sql IS NOT NULL"
ON_POSTGRESQL = """
  SELECT CASE relkind WHEN 'r' THEN 'table' ELSE 'index' END, relname FROM pg_class
  WHERE relkind IN ('r', 'i') AND relnamespace = current_schema()::regnamespace
  UNION SELECT 'constraint', conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
  UNION SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
  UNION SELECT 'function', proname FROM pg_proc
  WHERE pronamespace = current_schema()::regnamespace AND prolang = (
    SELECT oid FROM pg_language WHERE lanname = 'plpgsql'
  )"""


def expected() -> set[tuple[str, str]]:
    """(kind, name) of all that the models and the SQL of this database's migrations create."""
    return {*_of_models(), *_of_sql()}


def present() -> set[tuple[str, str]]:
    """(kind, name) of all that the database has, of whomever."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(ON_POSTGRESQL)
            return set(cursor.fetchall())
        cursor.execute(ON_SQLITE)
        rows = cursor.fetchall()
    constraints = {("constraint", name) for *_, sql in rows for name in CONSTRAINT.findall(sql or "")}
    return {(kind, name) for kind, name, _ in rows} | constraints


def _of_models() -> set[tuple[str, str]]:
    metas = [model._meta for label in OURS for model in apps.get_app_config(label).get_models()]
    tables = {("table", meta.db_table) for meta in metas}
    indexes = {("index", index.name) for meta in metas for index in meta.indexes}
    return tables | indexes | {(_kind(one), one.name) for meta in metas for one in meta.constraints}


def _kind(constraint: object) -> str:
    """A unique constraint with a condition is an index to both databases."""
    return "index" if getattr(constraint, "condition", None) else "constraint"


def _of_sql() -> set[tuple[str, str]]:
    found = (CREATED.match(statement) for statement in OF_DATABASE[connection.vendor])
    return {(match[1].removeprefix("VIRTUAL ").lower(), match[2]) for match in found if match}
