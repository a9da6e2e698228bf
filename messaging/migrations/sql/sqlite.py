"""SQLite: posting lists of messages, an index of their texts, and totals of workspaces, which triggers keep.

Django recreates a table of SQLite to change a column, which drops its triggers. A migration that does so runs
DROP_TRIGGERS and DROP_TOTAL_TRIGGERS before the change, CREATE_TRIGGERS and CREATE_TOTAL_TRIGGERS after it.
"""

from . import ADD_UP

TABLES = [
    """
    CREATE TABLE parley_conversation_number (
      number integer PRIMARY KEY, workspace_id varchar(40) NOT NULL, conversation_id varchar(40) NOT NULL,
      UNIQUE (conversation_id, workspace_id)
    )""",
    "CREATE INDEX parley_conversation_number_workspace ON parley_conversation_number (workspace_id, number)",
    """
    CREATE TABLE parley_message_term (
      term integer NOT NULL, message integer NOT NULL, PRIMARY KEY (term, message)
    ) WITHOUT ROWID""",
    """
    CREATE VIRTUAL TABLE parley_message_text USING fts5 (
      search_text, content='', detail='none', columnsize=0, tokenize='trigram case_sensitive 1'
    )""",
    """
    CREATE VIRTUAL TABLE parley_message_other USING fts5 (
      search_other, content='', detail='none', columnsize=0, tokenize='trigram case_sensitive 1'
    )""",
]
# A conversation gets its number with its first message: 17 bits for the workspace and 23 of its own. The number
# of a message appends 23 bits for its `seq`. So the messages of a workspace or conversation are one range.
NUMBER = """
  SELECT RAISE(ABORT, 'SQLite: no number is left in this conversation (0 to 8388607); PostgreSQL has more')
  WHERE NEW.seq NOT BETWEEN 0 AND 8388607;
  INSERT INTO parley_conversation_number (number, workspace_id, conversation_id)
  SELECT COALESCE(
    (SELECT MAX(number) + 1 FROM parley_conversation_number WHERE workspace_id = NEW.workspace_id),
    (SELECT (COALESCE(MAX(number) >> 23, 0) + 1) << 23 FROM parley_conversation_number)
  ), NEW.workspace_id, NEW.conversation_id
  WHERE NEW.index_terms IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM parley_conversation_number
    WHERE conversation_id = NEW.conversation_id AND workspace_id = NEW.workspace_id
  );"""
FULL = """
  SELECT RAISE(ABORT, 'SQLite: no number is left for a conversation here (8388608); PostgreSQL has more')
  WHERE NEW.number & 8388607 = 0
    AND EXISTS (SELECT 1 FROM parley_conversation_number WHERE number = NEW.number - 1
      AND workspace_id = NEW.workspace_id);
  SELECT RAISE(ABORT, 'SQLite: no number is left for a workspace (131071); PostgreSQL has more')
  WHERE NEW.number >> 40;"""
ITS_NUMBER = "conversation_id = {row}.conversation_id AND workspace_id = {row}.workspace_id"
# Only the keys of the workspace: in the array the key of the conversation follows each of them. The first pair
# says that the message exists, which the number says as well.
TERMS = f"""
  SELECT value, number << 23 | {{row}}.seq FROM parley_conversation_number, json_each({{row}}.index_terms)
  WHERE {ITS_NUMBER} AND key >= 2 AND key % 2 = 0"""  # noqa: S608  constants
TEXT = f"""
  number << 23 | {{row}}.seq, {{row}}.search_text FROM parley_conversation_number
  WHERE {ITS_NUMBER} AND {{row}}.index_terms IS NOT NULL"""
OTHER = TEXT.replace("search_text", "search_other") + " AND {row}.search_other IS NOT NULL"
TAKE_IN_TERMS = f"INSERT OR IGNORE INTO parley_message_term (term, message) {TERMS.format(row='NEW')};"
TAKE_OUT_TERMS = f"DELETE FROM parley_message_term WHERE (term, message) IN ({TERMS.format(row='OLD')});"  # noqa: S608
TAKE_IN_TEXT = f"INSERT INTO parley_message_text (rowid, search_text) SELECT {TEXT.format(row='NEW')};"
TAKE_OUT_TEXT = (
    "INSERT INTO parley_message_text (parley_message_text, rowid, search_text)"
    f" SELECT 'delete', {TEXT.format(row='OLD')};"
)
TAKE_IN_OTHER = f"INSERT INTO parley_message_other (rowid, search_other) SELECT {OTHER.format(row='NEW')};"
TAKE_OUT_OTHER = (
    "INSERT INTO parley_message_other (parley_message_other, rowid, search_other)"
    f" SELECT 'delete', {OTHER.format(row='OLD')};"
)
IS_GONE = """
  DELETE FROM parley_conversation_number WHERE conversation_id = OLD.{conversation}
    AND NOT EXISTS (SELECT 1 FROM parley_conversation WHERE id = OLD.{conversation})
    AND NOT EXISTS (SELECT 1 FROM parley_message WHERE conversation_id = OLD.{conversation});"""
MOVED = " OR ".join(
    f"OLD.{column} IS NOT NEW.{column}" for column in ("workspace_id", "conversation_id", "seq")
)
TRIGGERS = {
    "parley_conversation_numbered": f"BEFORE INSERT ON parley_conversation_number BEGIN {FULL} END",
    "parley_message_inserted": f"""
      AFTER INSERT ON parley_message
      BEGIN {NUMBER} {TAKE_IN_TERMS} {TAKE_IN_TEXT} {TAKE_IN_OTHER} END""",
    "parley_message_changed_terms": f"""
      AFTER UPDATE ON parley_message WHEN {MOVED} OR OLD.index_terms IS NOT NEW.index_terms
      BEGIN {NUMBER} {TAKE_OUT_TERMS} {TAKE_IN_TERMS} END""",
    # Keys change more often than texts, and FTS5 rewrites a long text as a whole.
    "parley_message_changed_text": f"""
      AFTER UPDATE ON parley_message WHEN {MOVED} OR OLD.search_text IS NOT NEW.search_text
        OR (OLD.index_terms IS NULL) <> (NEW.index_terms IS NULL)
      BEGIN {NUMBER} {TAKE_OUT_TEXT} {TAKE_IN_TEXT} END""",
    "parley_message_changed_other": f"""
      AFTER UPDATE ON parley_message WHEN {MOVED} OR OLD.search_other IS NOT NEW.search_other
        OR (OLD.index_terms IS NULL) <> (NEW.index_terms IS NULL)
      BEGIN {NUMBER} {TAKE_OUT_OTHER} {TAKE_IN_OTHER} END""",
    "parley_message_deleted": f"""
      AFTER DELETE ON parley_message
      BEGIN {TAKE_OUT_TERMS} {TAKE_OUT_TEXT} {TAKE_OUT_OTHER} {IS_GONE.format(conversation="conversation_id")} END""",
    "parley_conversation_deleted": f"""
      AFTER DELETE ON parley_conversation BEGIN {IS_GONE.format(conversation="id")} END""",
}
CREATE_TRIGGERS = [f"CREATE TRIGGER {name} {what}" for name, what in TRIGGERS.items()]
DROP_TRIGGERS = [f"DROP TRIGGER {name}" for name in TRIGGERS]
# Without statistics SQLite assumes ten messages in a workspace and prefers a scan to a look-up. These describe a
# store of a million messages in ten workspaces. For each index: the number of rows, then how many share the first
# column, the first two and so on. ANALYZE replaces them by statistics of the store itself.
STATISTICS = {
    "sqlite_autoindex_parley_message_1": "1000000 1",
    "sqlite_autoindex_parley_message_2": "1000000 1 1",
    "sqlite_autoindex_parley_message_3": "1000000 100 100 1",
    "parley_message_in_workspace": "1000000 100000 2 1 1 1 1 1",
    "parley_message_in_conversation": "1000000 100000 100 2 1 1 1 1",
    "parley_message_superseded": "1000 100 10",
}
SUPPOSE = [
    "ANALYZE parley_conversation_number",  # creates the table of statistics
    "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT * FROM (VALUES "  # noqa: S608  constants
    + ", ".join(f"('parley_message', '{index}', '{rows}')" for index, rows in STATISTICS.items())
    + ") WHERE NOT EXISTS (SELECT 1 FROM sqlite_stat1 WHERE tbl = 'parley_message')",
    "ANALYZE sqlite_master",  # makes this connection read it
]
NUMBERED = "parley_message JOIN parley_conversation_number USING (conversation_id, workspace_id)"
FILL = [
    """
    INSERT INTO parley_conversation_number (number, workspace_id, conversation_id)
    SELECT (DENSE_RANK() OVER (ORDER BY workspace_id) << 23)
      + ROW_NUMBER() OVER (PARTITION BY workspace_id ORDER BY conversation_id) - 1, workspace_id, conversation_id
    FROM (SELECT DISTINCT workspace_id, conversation_id FROM parley_message WHERE index_terms IS NOT NULL)""",
    f"""
    INSERT OR IGNORE INTO parley_message_term (term, message)
    SELECT value, number << 23 | seq FROM {NUMBERED}, json_each(index_terms) WHERE key >= 2 AND key % 2 = 0""",  # noqa: S608
    f"""
    INSERT INTO parley_message_text (rowid, search_text)
    SELECT number << 23 | seq, search_text FROM {NUMBERED} WHERE index_terms IS NOT NULL ORDER BY 1""",  # noqa: S608  constants
]
COUNT = """
  INSERT INTO parley_workspace_total (workspace_id, conversations, messages, superseded)
  VALUES ({row}.workspace_id, {sign}1, {sign}{row}.message_count, {sign}{row}.superseded_count)
  ON CONFLICT (workspace_id) DO UPDATE SET
    conversations = conversations + excluded.conversations, messages = messages + excluded.messages,
    superseded = superseded + excluded.superseded;"""
COUNT_IN, COUNT_OUT = COUNT.format(row="NEW", sign=""), COUNT.format(row="OLD", sign="-")
TOTAL_TRIGGERS = {
    "parley_conversation_counted_in": f"""
      AFTER INSERT ON parley_conversation BEGIN {COUNT_IN} END""",
    "parley_conversation_counted": f"""
      AFTER UPDATE ON parley_conversation
      WHEN OLD.message_count <> NEW.message_count OR OLD.superseded_count <> NEW.superseded_count
        OR OLD.workspace_id <> NEW.workspace_id
      BEGIN {COUNT_OUT} {COUNT_IN} END""",
    "parley_conversation_counted_out": f"""
      AFTER DELETE ON parley_conversation BEGIN {COUNT_OUT} END""",
    "parley_workspace_deleted": """
      AFTER DELETE ON parley_workspace
      BEGIN
        DELETE FROM parley_workspace_total WHERE workspace_id = OLD.id AND conversations = 0 AND messages = 0;
      END""",
}
CREATE_TOTAL_TRIGGERS = [f"CREATE TRIGGER {name} {what}" for name, what in TOTAL_TRIGGERS.items()]
DROP_TOTAL_TRIGGERS = [f"DROP TRIGGER {name}" for name in TOTAL_TRIGGERS]
TOTALS = (
    "CREATE TABLE parley_workspace_total ("
    " workspace_id varchar(40) PRIMARY KEY, conversations integer NOT NULL, messages integer NOT NULL,"
    " superseded integer NOT NULL"
    ") WITHOUT ROWID"
)
CHANGES = [
    """
    CREATE TABLE parley_change_epoch (
      number integer PRIMARY KEY CHECK (number = 1), epoch varchar(12) NOT NULL, cluster varchar(40) NULL,
      removed_xid integer NOT NULL, removed_id integer NOT NULL
    )""",
    "INSERT INTO parley_change_epoch (number, epoch, removed_xid, removed_id)"
    " SELECT 1, lower(hex(randomblob(6))), 0, 0",
]

FORWARDS = [*TABLES, *CREATE_TRIGGERS, *FILL, TOTALS, *CREATE_TOTAL_TRIGGERS, ADD_UP, *SUPPOSE, *CHANGES]
BACKWARDS = [
    "DROP TABLE parley_change_epoch",
    *DROP_TOTAL_TRIGGERS,
    "DROP TABLE parley_workspace_total",
    *DROP_TRIGGERS,
    "DROP TABLE parley_message_text",
    "DROP TABLE parley_message_other",
    "DROP TABLE parley_message_term",
    "DROP TABLE parley_conversation_number",
]
