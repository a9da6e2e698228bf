"""Making the kept counters true again, where somebody wrote without them."""

from django.db import connections

from messaging.models.totals import ADD_UP, FORGET

from .transactions import atomic, write_database

RECOUNT = """
UPDATE parley_conversation AS counted SET message_count = found.messages,
  superseded_count = found.superseded, last_created_at = CASE
  WHEN counted.last_created_at > found.latest THEN counted.last_created_at
  ELSE COALESCE(found.latest, counted.last_created_at) END
FROM (
  SELECT kept.workspace_id, kept.id, COUNT(message.id) AS messages,
    COUNT(message.superseded_by) AS superseded, MAX(message.created_at) AS latest
  FROM parley_conversation AS kept
  LEFT JOIN parley_message AS message
    ON message.conversation_id = kept.id AND message.workspace_id = kept.workspace_id
  GROUP BY kept.workspace_id, kept.id
) AS found
WHERE counted.workspace_id = found.workspace_id AND counted.id = found.id
  AND (counted.message_count <> found.messages OR counted.superseded_count <> found.superseded
    OR found.latest > counted.last_created_at
    OR (found.latest IS NOT NULL AND counted.last_created_at IS NULL))"""


def recount_messages() -> int:
    """Count the messages of every conversation and workspace anew; returns how many conversations were wrong.

    Whoever writes messages waits meanwhile.
    """
    connection = connections[write_database()]
    with atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Who locks a conversation before writing to it waits as well, or each would wait for the other.
            cursor.execute("LOCK TABLE parley_conversation IN EXCLUSIVE MODE")
        cursor.execute(RECOUNT)
        wrong = cursor.rowcount
        cursor.execute(FORGET)
        cursor.execute(ADD_UP)
    return int(wrong)
