"""Entries that writers left for the indexes of keys and text to take in, on PostgreSQL.

A writer appends the entries of a row to the pending list of the index, and searches read that list too.
Whoever finds it full would merge it into the index, alone and while its caller waits.
"""

from django.db import connections

from .transactions import atomic, write_database

INDEXES = ("parley_message_terms", "parley_conversation_terms")
# Who does not own an index may not merge its list, and leaves it to autovacuum and to the writers.
MERGE = """
SELECT COALESCE(SUM(gin_clean_pending_list(oid::regclass)), 0) FROM pg_class
WHERE oid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name) AND pg_has_role(relowner, 'USAGE')
"""
# The list is locked while pages leave it, so few of them leave at a time: as many as this memory holds.
STEP = "SET LOCAL maintenance_work_mem = '8MB'"


def merge_pending_entries() -> int:
    """Merge the pending entries into the indexes; returns how many pages of them there were.

    Writers go on meanwhile, and do not merge themselves.
    """
    connection = connections[write_database()]
    if connection.vendor != "postgresql":
        return 0
    with atomic(), connection.cursor() as cursor:
        cursor.execute(STEP)
        cursor.execute(MERGE, [list(INDEXES)])
        [(pages,)] = cursor.fetchall()
    return int(pages)
