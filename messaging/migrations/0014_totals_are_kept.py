"""How many conversations and messages each workspace holds is kept by triggers: see `messaging.models.totals`.

Until now the counters of its conversations were added up for every page of a workspace: 43 ms where it has
100,000 of them; and the conversations themselves were counted up to 10,000, which took 2.

On a live table this waits for the transactions that write, and holds off new ones while it adds up the counters
once: with 100,000 conversations the whole command took a second. Processes of the version before go on; the
triggers count for them, too.

Django makes a table of SQLite anew to change a column, and its triggers go with the old one. A migration that
does so with conversations or workspaces must run DROP_ON_SQLITE before and CREATE_ON_SQLITE after it.
"""

from django.db import migrations

from messaging.operations import RunOnPostgreSQL, RunOnSQLite

ADD_UP = (
    "INSERT INTO messaging_workspace_total (workspace_id, conversations, messages)"
    " SELECT workspace_id, COUNT(*), SUM(message_count) FROM messaging_conversation GROUP BY workspace_id"
)
# A change is added to a row of its workspace that no other transaction has locked, and if there is none becomes
# a row of its own: nobody waits here, and a workspace has as many rows as have written there at once. Under an
# isolation in which a row that somebody else has changed meanwhile is an error, every change becomes a row.
ADD = """
  IF current_setting('transaction_isolation') = 'read committed' THEN
    UPDATE messaging_workspace_total
    SET conversations = conversations + more_conversations, messages = messages + more_messages
    WHERE id = (
      SELECT id FROM messaging_workspace_total WHERE workspace_id = of_workspace LIMIT 1 FOR UPDATE SKIP LOCKED
    );
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  INSERT INTO messaging_workspace_total (workspace_id, conversations, messages)
  VALUES (of_workspace, more_conversations, more_messages);"""
# Its conversations have gone before it, so that its rows add up to nothing. Those that another transaction has
# locked stay, with what makes up for them.
FORGET = """
  IF current_setting('transaction_isolation') = 'read committed' THEN
    WITH free AS (
      SELECT id FROM messaging_workspace_total WHERE workspace_id = OLD.id FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM messaging_workspace_total WHERE id IN (SELECT id FROM free) RETURNING conversations, messages
    )
    INSERT INTO messaging_workspace_total (workspace_id, conversations, messages)
    SELECT OLD.id, SUM(conversations), SUM(messages) FROM gone
    HAVING SUM(conversations) <> 0 OR SUM(messages) <> 0;
  END IF;"""
ON_POSTGRESQL = [
    # First of all, so that whatever the isolation what is added up is what there is once nobody writes.
    "LOCK TABLE messaging_conversation IN SHARE ROW EXCLUSIVE MODE",
    # The key is for logical replication, which lets nobody delete from a table without one.
    """
    CREATE TABLE messaging_workspace_total (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      workspace_id text COLLATE "C" NOT NULL,
      conversations bigint NOT NULL,
      messages bigint NOT NULL
    )""",
    """
    CREATE INDEX workspace_total_workspace ON messaging_workspace_total (workspace_id)""",
    f"""
    CREATE FUNCTION messaging_add_to_total(of_workspace text, more_conversations bigint, more_messages bigint)
    RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      {ADD}
    END $$""",
    """
    CREATE FUNCTION messaging_conversation_counted() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND OLD.workspace_id = NEW.workspace_id THEN
        PERFORM messaging_add_to_total(NEW.workspace_id, 0, NEW.message_count - OLD.message_count);
        RETURN NULL;
      END IF;
      IF TG_OP <> 'INSERT' THEN
        PERFORM messaging_add_to_total(OLD.workspace_id, -1, -OLD.message_count);
      END IF;
      IF TG_OP <> 'DELETE' THEN
        PERFORM messaging_add_to_total(NEW.workspace_id, 1, NEW.message_count);
      END IF;
      RETURN NULL;
    END $$""",
    f"""
    CREATE FUNCTION messaging_forget_total() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM messaging_workspace_total;
        RETURN NULL;
      END IF;
      {FORGET}
      RETURN NULL;
    END $$""",  # noqa: S608  constants
    """
    CREATE TRIGGER messaging_conversation_counted_in AFTER INSERT ON messaging_conversation
    FOR EACH ROW EXECUTE FUNCTION messaging_conversation_counted()""",
    """
    CREATE TRIGGER messaging_conversation_counted AFTER UPDATE OF message_count, workspace_id
    ON messaging_conversation FOR EACH ROW
    WHEN (OLD.message_count <> NEW.message_count OR OLD.workspace_id <> NEW.workspace_id)
    EXECUTE FUNCTION messaging_conversation_counted()""",
    """
    CREATE TRIGGER messaging_conversation_counted_out AFTER DELETE ON messaging_conversation
    FOR EACH ROW EXECUTE FUNCTION messaging_conversation_counted()""",
    """
    CREATE TRIGGER messaging_conversation_emptied AFTER TRUNCATE ON messaging_conversation
    FOR EACH STATEMENT EXECUTE FUNCTION messaging_forget_total()""",
    """
    CREATE TRIGGER messaging_workspace_deleted AFTER DELETE ON messaging_workspace
    FOR EACH ROW EXECUTE FUNCTION messaging_forget_total()""",
    ADD_UP,
]
NOT_ON_POSTGRESQL = [
    # In the order in which writers come to the tables.
    *(
        f"DROP TRIGGER messaging_conversation_{name} ON messaging_conversation"
        for name in ("emptied", "counted_out", "counted", "counted_in")
    ),
    "DROP TRIGGER messaging_workspace_deleted ON messaging_workspace",
    "DROP FUNCTION messaging_forget_total()",
    "DROP FUNCTION messaging_conversation_counted()",
    "DROP FUNCTION messaging_add_to_total(text, bigint, bigint)",
    "DROP TABLE messaging_workspace_total",
]
COUNT = """
  INSERT INTO messaging_workspace_total (workspace_id, conversations, messages)
  VALUES ({row}.workspace_id, {sign}1, {sign}{row}.message_count)
  ON CONFLICT (workspace_id) DO UPDATE SET
    conversations = conversations + excluded.conversations, messages = messages + excluded.messages;"""
COUNT_IN, COUNT_OUT = COUNT.format(row="NEW", sign=""), COUNT.format(row="OLD", sign="-")
TRIGGERS = {
    "messaging_conversation_counted_in": f"""
      AFTER INSERT ON messaging_conversation BEGIN {COUNT_IN} END""",
    "messaging_conversation_counted": f"""
      AFTER UPDATE ON messaging_conversation
      WHEN OLD.message_count <> NEW.message_count OR OLD.workspace_id <> NEW.workspace_id
      BEGIN {COUNT_OUT} {COUNT_IN} END""",
    "messaging_conversation_counted_out": f"""
      AFTER DELETE ON messaging_conversation BEGIN {COUNT_OUT} END""",
    "messaging_workspace_deleted": """
      AFTER DELETE ON messaging_workspace
      BEGIN
        DELETE FROM messaging_workspace_total WHERE workspace_id = OLD.id AND conversations = 0 AND messages = 0;
      END""",
}
CREATE_ON_SQLITE = [f"CREATE TRIGGER {name} {what}" for name, what in TRIGGERS.items()]
DROP_ON_SQLITE = [f"DROP TRIGGER {name}" for name in TRIGGERS]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0013_found_on_sqlite")]

    operations = [
        RunOnPostgreSQL(forwards=ON_POSTGRESQL, backwards=NOT_ON_POSTGRESQL),
        RunOnSQLite(
            forwards=[
                "CREATE TABLE messaging_workspace_total ("
                " workspace_id text PRIMARY KEY, conversations integer NOT NULL, messages integer NOT NULL"
                ") WITHOUT ROWID",
                *CREATE_ON_SQLITE,
                ADD_UP,
            ],
            backwards=[*DROP_ON_SQLITE, "DROP TABLE messaging_workspace_total"],
        ),
    ]
