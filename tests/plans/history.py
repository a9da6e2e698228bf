"""A history that is long enough for the planner to care, made by the database itself in a few seconds."""

from dataclasses import dataclass

from django.db import connection

from messaging.index.filling import fill_index_terms
from messaging.models import Conversation, Message
from messaging.models.totals import ADD_UP, FORGET
from tests.cast import Tenant

LARGE, SMALL, OTHERS, EMPTY = 8_000, 100, 60, 8_000
"""Messages of the large conversation; of each of the others; how many others there are; empty ones beside."""

WORDS = ("opening", "hours", "delivery", "refund", "invoice", "parcel", "account", "password")

# Ids grow with time, as ours do. Of a hundred messages about one has each of the values that the tests look
# for; primes keep them apart.
MESSAGES = """
INSERT INTO parley_message (
  id, workspace_id, conversation_id, seq, role, content, search_text, sender_id, message_type, tags,
  parent_message_id, meta_data, checksum, enable_memories, sent_at, agent_id, run_id, has_parts,
  superseded_by, created_at, updated_at
)
SELECT 'msg_' || right(conversation, 16) || lpad(n::text, 6, '0'), %(workspace)s, conversation, n,
  CASE WHEN n %% 89 = 0 THEN 'tool' WHEN n %% 2 = 0 THEN 'user' ELSE 'assistant' END, text, text,
  CASE WHEN n %% 97 = 0 THEN 'ada' ELSE 'sender-' || n %% 3 END,
  CASE WHEN n %% 83 = 0 THEN 'image' ELSE 'text' END,
  to_jsonb(ARRAY['often', 'tag-' || n %% 101] || CASE WHEN n <= 100 AND n %% 7 = 0 THEN ARRAY['early'] END),
  CASE WHEN n %% 103 = 0 THEN 'msg_parent' END,
  json_build_object('case', n %% 107, 'channel', 'web'), md5(text), false, moment,
  CASE WHEN n %% 79 = 0 THEN 'librarian' END, CASE WHEN n %% 79 = 0 THEN 'run_' || n / 1000 END,
  true, CASE WHEN n %% 73 = 0 THEN 'msg_anew' END, moment, moment
FROM (
  SELECT conversation, n, timestamptz '2025-01-01Z' + interval '1 minute' * (n * 7 + place) AS moment,
    (%(words)s::text[])[1 + n %% 8] || ' ' || (%(words)s::text[])[1 + n / 8 %% 8] || ' number ' || n
      || CASE WHEN n %% 109 = 0 THEN ' quokka' ELSE '' END
      || CASE WHEN n %% 4999 = 17 THEN ' zebrafinch' ELSE '' END AS text
  FROM (
    SELECT id AS conversation, row_number() OVER (ORDER BY id) AS place, message_count
    FROM parley_conversation WHERE workspace_id = %(workspace)s AND summary = 'made for its plans'
  ) AS conversations, LATERAL generate_series(1, message_count) AS n
) AS numbered
"""

CONVERSATIONS = """
INSERT INTO parley_conversation (
  id, workspace_id, title, search_title, summary, status, is_public, collections, meta_data, settings,
  user_id, external_id, last_seq, message_count, superseded_count, created_at, updated_at
)
SELECT 'conv_' || left(md5(%(workspace)s), 10) || lpad(n::text, 6, '0'), %(workspace)s,
  title, title, 'made for its plans',
  CASE WHEN n %% 200 = 0 THEN 'ended' ELSE 'active' END, n %% 200 = 1,
  to_jsonb(ARRAY['collection-' || n %% 200]),
  json_build_object('case', n %% 200, 'channel', 'web'), '{}', 'user-' || n %% 200, 'crm/' || n,
  size, size, size / 73, moment, moment
FROM (
  SELECT n, (%(words)s::text[])[1 + n %% 8] || ' of customer number ' || n AS title,
    CASE WHEN n = 0 THEN %(large)s WHEN n <= %(others)s THEN %(small)s ELSE 0 END AS size,
    timestamptz '2025-01-01Z' + interval '1 minute' * n AS moment
  FROM generate_series(0, %(empty)s) AS n
) AS numbered
"""

PARTS = """
INSERT INTO parley_part (id, workspace_id, message_id, position, type, text, is_error)
SELECT 'part_' || md5(id || place), workspace_id, id, place, 'reasoning', 'thought', false
FROM parley_message, generate_series(0, 1) AS place
WHERE workspace_id = %(workspace)s
"""

RUNS = """
INSERT INTO parley_run (
  id, workspace_id, conversation_id, agent_id, status, model, tools, meta_data, model_settings,
  created_at, expires_at
)
SELECT 'run_' || md5(id || n), workspace_id, id, 'librarian', 'completed', '', '[]', '{}', '{}',
  created_at, created_at
FROM parley_conversation, LATERAL generate_series(0, message_count / 10) AS n
WHERE workspace_id = %(workspace)s
"""

GIN_INDEXES = """
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
WHERE amname = 'gin' AND indrelid IN ('parley_message'::regclass, 'parley_conversation'::regclass)
"""


@dataclass(frozen=True)
class History:
    """A workspace with a large conversation and many others; the other tenant has as much of the same."""

    tenant: Tenant
    large: str
    """Id of the conversation of LARGE messages."""


def write_history(tenant: Tenant, other: Tenant) -> History:
    with connection.cursor() as cursor:
        # No trigger of a row: the totals, which each conversation would change by itself, are counted once.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for workspace in (tenant.workspace, other.workspace):
            given = {"workspace": workspace.pk, "words": list(WORDS)}
            sizes = {"large": LARGE, "small": SMALL, "others": OTHERS, "empty": EMPTY}
            cursor.execute(CONVERSATIONS, given | sizes)
            cursor.execute(MESSAGES, given)
            cursor.execute(PARTS, given)
            cursor.execute(RUNS, given)
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(FORGET)
        cursor.execute(ADD_UP)
    for model in (Conversation, Message):
        fill_index_terms(model, connection.alias)
    with connection.cursor() as cursor:
        # As autovacuum would: until then a search of a GIN index reads all that came in late.
        cursor.execute(f"SELECT gin_clean_pending_list(indexrelid) {GIN_INDEXES}")
        cursor.execute("ANALYZE parley_conversation, parley_message, parley_part, parley_run")
        cursor.execute(
            "SELECT id FROM parley_conversation WHERE workspace_id = %s AND message_count = %s",
            [tenant.workspace.pk, LARGE],
        )
        [large] = cursor.fetchone()
    return History(tenant, large)
