"""How many messages a workspace holds, kept by the database itself: triggers follow the counters of conversations.

Every statement that changes counters adds a row with the difference, so that writers never wait for each other,
and now and then folds what is there into one. Whoever writes, this service, the version before it or somebody's
SQL, the sum of a workspace's rows is the sum of its counters. SQLite adds up the counters.
"""

from django.db import migrations

from messaging.operations import RunOnPostgreSQL

TABLE = """
CREATE TABLE messaging_message_total (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id varchar(40) COLLATE "C" NOT NULL,
  messages bigint NOT NULL
);
CREATE INDEX message_total_workspace ON messaging_message_total (workspace_id);
"""

# What another transaction has locked it folds itself. Under REPEATABLE READ a row may have gone meanwhile.
FOLD = """
CREATE FUNCTION messaging_fold_total(workspace text) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
  WITH found AS (
    SELECT id FROM messaging_message_total WHERE workspace_id = workspace LIMIT 1000 FOR UPDATE SKIP LOCKED
  ), folded AS (
    DELETE FROM messaging_message_total USING found WHERE messaging_message_total.id = found.id RETURNING messages
  )
  INSERT INTO messaging_message_total (workspace_id, messages)
  SELECT workspace, sum(messages) FROM folded HAVING count(*) > 0;
EXCEPTION WHEN serialization_failure THEN NULL;
END $$;
"""

ADD = """
CREATE FUNCTION messaging_add_to_total(workspace text, difference numeric) RETURNS void LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
  IF difference <> 0 THEN
    INSERT INTO messaging_message_total (workspace_id, messages) VALUES (workspace, difference);
    IF random() < 1.0 / 64 THEN PERFORM messaging_fold_total(workspace); END IF;
  END IF;
END $$;
"""

KEEP = """
CREATE FUNCTION messaging_keep_total() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM messaging_add_to_total(workspace_id, sum(message_count)) FROM new_rows GROUP BY workspace_id;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM messaging_add_to_total(workspace_id, -sum(message_count)) FROM old_rows GROUP BY workspace_id;
  ELSE
    PERFORM messaging_add_to_total(workspace_id, sum(number)) FROM (
      SELECT workspace_id, message_count AS number FROM new_rows
      UNION ALL SELECT workspace_id, -message_count FROM old_rows
    ) AS counters GROUP BY workspace_id;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION messaging_forget_total() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    DELETE FROM messaging_message_total;
  ELSE
    DELETE FROM messaging_message_total WHERE workspace_id = OLD.id;
  END IF;
  RETURN NULL;
END $$;
"""

# From the first of them on until the end of the transaction, writers wait.
TRIGGERS = """
CREATE TRIGGER keep_total_of_new AFTER INSERT ON messaging_conversation
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION messaging_keep_total();
CREATE TRIGGER keep_total_of_changed AFTER UPDATE ON messaging_conversation
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION messaging_keep_total();
CREATE TRIGGER keep_total_of_deleted AFTER DELETE ON messaging_conversation
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION messaging_keep_total();
CREATE TRIGGER forget_totals AFTER TRUNCATE ON messaging_conversation
  FOR EACH STATEMENT EXECUTE FUNCTION messaging_forget_total();
CREATE TRIGGER forget_total AFTER DELETE ON messaging_workspace
  FOR EACH ROW EXECUTE FUNCTION messaging_forget_total();
"""

FILL = """
INSERT INTO messaging_message_total (workspace_id, messages)
SELECT workspace_id, sum(message_count) FROM messaging_conversation GROUP BY workspace_id;
"""

BACK = """
DROP TRIGGER keep_total_of_new ON messaging_conversation;
DROP TRIGGER keep_total_of_changed ON messaging_conversation;
DROP TRIGGER keep_total_of_deleted ON messaging_conversation;
DROP TRIGGER forget_totals ON messaging_conversation;
DROP TRIGGER forget_total ON messaging_workspace;
DROP FUNCTION messaging_keep_total();
DROP FUNCTION messaging_forget_total();
DROP FUNCTION messaging_add_to_total(text, numeric);
DROP FUNCTION messaging_fold_total(text);
DROP TABLE messaging_message_total;
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_totals_from_an_index")]

    operations = [
        RunOnPostgreSQL(forwards=[TABLE, FOLD, ADD, KEEP, TRIGGERS, FILL], backwards=[BACK]),
    ]
