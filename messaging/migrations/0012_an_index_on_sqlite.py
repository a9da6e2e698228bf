"""SQLite finds messages by tags, meta data and text, as PostgreSQL does: see `messaging.models.candidates`.

Until now it read what the other filters left: of a million messages 0.2 s in a conversation of 100,000, and
0.7 to 0.9 in the workspace.

Triggers keep the tables, whoever writes. A message is in them if, and only if, it has index terms, which 0013
gives to those that are there; whoever changes tags or meta data brings them along, as for PostgreSQL.

Django makes a table of SQLite anew to change a column, and its triggers go with the old one. A migration that
does so with messages or conversations must run DROP_TRIGGERS before and CREATE_TRIGGERS after it.
"""

from django.db import migrations

from messaging.operations import RunOnSQLite

TABLES = [
    """
    CREATE TABLE messaging_conversation_number (
      number integer PRIMARY KEY, workspace_id text NOT NULL, conversation_id text NOT NULL,
      UNIQUE (conversation_id, workspace_id)
    )""",
    "CREATE INDEX messaging_conversation_number_workspace"
    " ON messaging_conversation_number (workspace_id, number)",
    """
    CREATE TABLE messaging_message_term (
      term integer NOT NULL, message integer NOT NULL, PRIMARY KEY (term, message)
    ) WITHOUT ROWID""",
    """
    CREATE VIRTUAL TABLE messaging_message_found USING fts5 (
      search_text, content='', detail='none', columnsize=0, tokenize='trigram case_sensitive 1'
    )""",
]
# A conversation gets its number with its first message: of 17 bits for the workspace and 23 of its own. The
# number of a message has another 23 for its place in the conversation.
NUMBER = """
  SELECT RAISE(ABORT, 'SQLite: no number is left in this conversation (0 to 8388607); PostgreSQL has more')
  WHERE NEW.seq NOT BETWEEN 0 AND 8388607;
  INSERT INTO messaging_conversation_number (number, workspace_id, conversation_id)
  SELECT COALESCE(
    (SELECT MAX(number) + 1 FROM messaging_conversation_number WHERE workspace_id = NEW.workspace_id),
    (SELECT (COALESCE(MAX(number) >> 23, 0) + 1) << 23 FROM messaging_conversation_number)
  ), NEW.workspace_id, NEW.conversation_id
  WHERE NEW.index_terms IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM messaging_conversation_number
    WHERE conversation_id = NEW.conversation_id AND workspace_id = NEW.workspace_id
  );"""
FULL = """
  SELECT RAISE(ABORT, 'SQLite: no number is left for a conversation here (8388608); PostgreSQL has more')
  WHERE NEW.number & 8388607 = 0
    AND EXISTS (SELECT 1 FROM messaging_conversation_number WHERE number = NEW.number - 1
      AND workspace_id = NEW.workspace_id);
  SELECT RAISE(ABORT, 'SQLite: no number is left for a workspace (131071); PostgreSQL has more')
  WHERE NEW.number >> 40;"""
ITS_NUMBER = "conversation_id = {row}.conversation_id AND workspace_id = {row}.workspace_id"
# Of the terms only those of the workspace: in the array each is followed by that of the conversation, and the
# first pair says no more than that the message is there.
TERMS = f"""
  SELECT value, number << 23 | {{row}}.seq FROM messaging_conversation_number, json_each({{row}}.index_terms)
  WHERE {ITS_NUMBER} AND key >= 2 AND key % 2 = 0"""  # noqa: S608  constants
TEXT = f"""
  number << 23 | {{row}}.seq, {{row}}.search_text FROM messaging_conversation_number
  WHERE {ITS_NUMBER} AND {{row}}.index_terms IS NOT NULL"""
TAKE_IN_TERMS = f"INSERT OR IGNORE INTO messaging_message_term (term, message) {TERMS.format(row='NEW')};"
TAKE_OUT_TERMS = f"DELETE FROM messaging_message_term WHERE (term, message) IN ({TERMS.format(row='OLD')});"  # noqa: S608
TAKE_IN_TEXT = f"INSERT INTO messaging_message_found (rowid, search_text) SELECT {TEXT.format(row='NEW')};"
TAKE_OUT_TEXT = (
    "INSERT INTO messaging_message_found (messaging_message_found, rowid, search_text)"
    f" SELECT 'delete', {TEXT.format(row='OLD')};"
)
IS_GONE = """
  DELETE FROM messaging_conversation_number WHERE conversation_id = OLD.{conversation}
    AND NOT EXISTS (SELECT 1 FROM messaging_conversation WHERE id = OLD.{conversation})
    AND NOT EXISTS (SELECT 1 FROM messaging_message WHERE conversation_id = OLD.{conversation});"""
MOVED = " OR ".join(
    f"OLD.{column} IS NOT NEW.{column}" for column in ("workspace_id", "conversation_id", "seq")
)
TRIGGERS = {
    "messaging_conversation_numbered": f"BEFORE INSERT ON messaging_conversation_number BEGIN {FULL} END",
    "messaging_message_inserted": f"""
      AFTER INSERT ON messaging_message
      BEGIN {NUMBER} {TAKE_IN_TERMS} {TAKE_IN_TEXT} END""",
    "messaging_message_changed_terms": f"""
      AFTER UPDATE ON messaging_message WHEN {MOVED} OR OLD.index_terms IS NOT NEW.index_terms
      BEGIN {NUMBER} {TAKE_OUT_TERMS} {TAKE_IN_TERMS} END""",
    # A long text takes a hundred times as long as its terms, which change more often.
    "messaging_message_changed_text": f"""
      AFTER UPDATE ON messaging_message WHEN {MOVED} OR OLD.search_text IS NOT NEW.search_text
        OR (OLD.index_terms IS NULL) <> (NEW.index_terms IS NULL)
      BEGIN {NUMBER} {TAKE_OUT_TEXT} {TAKE_IN_TEXT} END""",
    "messaging_message_deleted": f"""
      AFTER DELETE ON messaging_message
      BEGIN {TAKE_OUT_TERMS} {TAKE_OUT_TEXT} {IS_GONE.format(conversation="conversation_id")} END""",
    "messaging_conversation_deleted": f"""
      AFTER DELETE ON messaging_conversation BEGIN {IS_GONE.format(conversation="id")} END""",
}
CREATE_TRIGGERS = [f"CREATE TRIGGER {name} {what}" for name, what in TRIGGERS.items()]
DROP_TRIGGERS = [f"DROP TRIGGER {name}" for name in TRIGGERS]
# Without statistics SQLite thinks that a workspace holds ten messages, and walks through all rather than look one
# up. These are of a store of a million in ten workspaces, for each index: how many rows, and how many that share
# the first column, the first two and so on. ANALYZE puts those of the store itself in their place.
STATISTICS = {
    "sqlite_autoindex_messaging_message_1": "1000000 1",
    "sqlite_autoindex_messaging_message_2": "1000000 100 100 1",
    "message_workspace_created": "1000000 100000 2 1 1",
    "message_conversation_created": "1000000 100000 100 2 1",
    "message_activity": "1000000 100000 2 2 2",
    "message_role": "1000000 100000 33000 2 1 1",
    "message_sender": "1000000 100000 200 1 1 1",
    "message_conversation_role": "1000000 100000 100 50 1 1",
    "message_conversation_sender": "1000000 100000 100 50 1 1",
}
SUPPOSE = [
    "ANALYZE messaging_conversation_number",  # makes the table of statistics
    "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT * FROM (VALUES "  # noqa: S608  constants
    + ", ".join(f"('messaging_message', '{index}', '{rows}')" for index, rows in STATISTICS.items())
    + ") WHERE NOT EXISTS (SELECT 1 FROM sqlite_stat1 WHERE tbl = 'messaging_message')",
    "ANALYZE sqlite_master",  # has this connection read it
]
NOT_YET_IN = "UPDATE messaging_message SET index_terms = NULL WHERE index_terms IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0011_statistics_of_texts")]

    operations = [
        RunOnSQLite(
            forwards=[*TABLES, NOT_YET_IN, *CREATE_TRIGGERS, *SUPPOSE],
            backwards=[
                *DROP_TRIGGERS,
                "DROP TABLE messaging_message_found",
                "DROP TABLE messaging_message_term",
                "DROP TABLE messaging_conversation_number",
            ],
        ),
    ]
