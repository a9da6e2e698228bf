"""PostgreSQL: indexes of keys and trigrams, statistics, and the totals of workspaces, which triggers keep."""

from messaging.sql import pgvector

from . import ADD_UP

# A worker merges the pending list before it is full, so that no writer pays for that, and a fork of 10,000 messages
# neither. Without a worker this limit, in kilobytes, is what one writer merges at a time, and what every search
# reads besides the index.
PENDING = "WITH (gin_pending_list_limit = 65536)"
INDEXES = [
    "CREATE INDEX parley_message_terms ON parley_message"
    f" USING gin (index_terms, search_text gin_trgm_ops, search_other gin_trgm_ops) {PENDING}",
    "CREATE INDEX parley_conversation_terms ON parley_conversation"
    f" USING gin (index_terms, search_title gin_trgm_ops, search_other gin_trgm_ops) {PENDING}",
]
# The planner estimates the selectivity of a search from this sample; the default one misses all but common words.
STATISTICS = "ALTER TABLE parley_message ALTER COLUMN search_text SET STATISTICS 500"
# A change adds to a row of its workspace that no other transaction has locked, or inserts a row. So writers never
# wait here, and a workspace has as many rows as it had concurrent writers. Stricter isolation levels refuse to
# update a row that changed since the snapshot, so there every change inserts a row.
ADD = """
  IF current_setting('transaction_isolation') = 'read committed' THEN
    UPDATE parley_workspace_total
    SET conversations = conversations + more_conversations, messages = messages + more_messages,
      superseded = superseded + more_superseded
    WHERE workspace_id = of_workspace AND id = (
      SELECT id FROM parley_workspace_total WHERE workspace_id = of_workspace LIMIT 1 FOR UPDATE SKIP LOCKED
    );
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  INSERT INTO parley_workspace_total (workspace_id, conversations, messages, superseded)
  VALUES (of_workspace, more_conversations, more_messages, more_superseded);"""
# The conversations of a workspace go first, so the sum of its rows is zero here. Rows that another transaction
# has locked stay, and so does one row that compensates for them.
FORGET = """
  IF current_setting('transaction_isolation') = 'read committed' THEN
    WITH free AS (
      SELECT id FROM parley_workspace_total WHERE workspace_id = OLD.id FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM parley_workspace_total WHERE workspace_id = OLD.id AND id IN (SELECT id FROM free)
      RETURNING conversations, messages, superseded
    )
    INSERT INTO parley_workspace_total (workspace_id, conversations, messages, superseded)
    SELECT OLD.id, SUM(conversations), SUM(messages), SUM(superseded) FROM gone
    HAVING SUM(conversations) <> 0 OR SUM(messages) <> 0 OR SUM(superseded) <> 0;
  END IF;"""
TOTALS = [
    # The workspace leads the key, so that one index serves the sums as well; logical replication needs a key.
    """
    CREATE TABLE parley_workspace_total (
      workspace_id varchar(40) COLLATE "C" NOT NULL,
      id bigint GENERATED ALWAYS AS IDENTITY,
      conversations bigint NOT NULL,
      messages bigint NOT NULL,
      superseded bigint NOT NULL,
      PRIMARY KEY (workspace_id, id)
    )""",
    f"""
    CREATE FUNCTION parley_add_to_total(
      of_workspace text, more_conversations bigint, more_messages bigint, more_superseded bigint
    )
    RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      {ADD}
    END $$""",
    """
    CREATE FUNCTION parley_conversation_counted() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND OLD.workspace_id = NEW.workspace_id THEN
        PERFORM parley_add_to_total(
          NEW.workspace_id, 0, NEW.message_count - OLD.message_count, NEW.superseded_count - OLD.superseded_count
        );
        RETURN NULL;
      END IF;
      IF TG_OP <> 'INSERT' THEN
        PERFORM parley_add_to_total(OLD.workspace_id, -1, -OLD.message_count, -OLD.superseded_count);
      END IF;
      IF TG_OP <> 'DELETE' THEN
        PERFORM parley_add_to_total(NEW.workspace_id, 1, NEW.message_count, NEW.superseded_count);
      END IF;
      RETURN NULL;
    END $$""",
    f"""
    CREATE FUNCTION parley_forget_total() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM parley_workspace_total;
        RETURN NULL;
      END IF;
      {FORGET}
      RETURN NULL;
    END $$""",  # noqa: S608  constants
    """
    CREATE TRIGGER parley_conversation_counted_in AFTER INSERT ON parley_conversation
    FOR EACH ROW EXECUTE FUNCTION parley_conversation_counted()""",
    """
    CREATE TRIGGER parley_conversation_counted AFTER UPDATE OF message_count, superseded_count, workspace_id
    ON parley_conversation FOR EACH ROW
    WHEN (OLD.message_count <> NEW.message_count OR OLD.superseded_count <> NEW.superseded_count
      OR OLD.workspace_id <> NEW.workspace_id)
    EXECUTE FUNCTION parley_conversation_counted()""",
    """
    CREATE TRIGGER parley_conversation_counted_out AFTER DELETE ON parley_conversation
    FOR EACH ROW EXECUTE FUNCTION parley_conversation_counted()""",
    """
    CREATE TRIGGER parley_conversation_emptied AFTER TRUNCATE ON parley_conversation
    FOR EACH STATEMENT EXECUTE FUNCTION parley_forget_total()""",
    """
    CREATE TRIGGER parley_workspace_deleted AFTER DELETE ON parley_workspace
    FOR EACH ROW EXECUTE FUNCTION parley_forget_total()""",
]
WITHOUT_TOTALS = [
    # Writers lock the tables in this order.
    *(
        f"DROP TRIGGER parley_conversation_{name} ON parley_conversation"
        for name in ("emptied", "counted_out", "counted", "counted_in")
    ),
    "DROP TRIGGER parley_workspace_deleted ON parley_workspace",
    "DROP FUNCTION parley_forget_total()",
    "DROP FUNCTION parley_conversation_counted()",
    "DROP FUNCTION parley_add_to_total(text, bigint, bigint, bigint)",
    "DROP TABLE parley_workspace_total",
]
# Changes are read in the order of their `xid`, below the oldest running transaction. So `xid` must not be less than
# the number of the transaction, nor than that of any change which was committed before this one was recorded. A
# transaction has its number before it waits for the lock of a conversation, hence the second condition. A volatile
# function takes a snapshot of its own: that of the statement may be older than the lock.
CHANGES = [
    """
    CREATE FUNCTION parley_change_xid() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
      RETURN GREATEST(
        pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1
      );
    END $$""",
    """
    CREATE TABLE parley_change_epoch (
      number smallint PRIMARY KEY CONSTRAINT parley_change_epoch_single CHECK (number = 1),
      epoch varchar(12) NOT NULL,
      cluster varchar(40) NULL,
      removed_xid bigint NOT NULL,
      removed_id bigint NOT NULL
    )""",
    "INSERT INTO parley_change_epoch (number, epoch, removed_xid, removed_id)"
    " SELECT 1, substr(md5(gen_random_uuid()::text), 1, 12), 0, 0",
]
WITHOUT_CHANGES = ["DROP TABLE parley_change_epoch", "DROP FUNCTION parley_change_xid()"]

FORWARDS = [*INDEXES, STATISTICS, *TOTALS, ADD_UP, *CHANGES]
# Whoever takes the tables back takes what `use_pgvector` added, too.
BACKWARDS = [
    *pgvector.REMOVE,
    *WITHOUT_CHANGES,
    *WITHOUT_TOTALS,
    "DROP INDEX parley_conversation_terms",
    "DROP INDEX parley_message_terms",
]
