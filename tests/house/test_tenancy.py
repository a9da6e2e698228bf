"""Which statements pass as naming their tenant, and which do not."""

import pytest

from tests.tenancy import problems_of

MESSAGES = "SELECT id FROM parley_message AS m"


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "parley_message"."id" FROM "parley_message" WHERE "parley_message"."workspace_id" = %s',
        f"{MESSAGES} JOIN parley_run r ON (r.id = m.run_id AND r.workspace_id = m.workspace_id)"
        " WHERE m.workspace_id = %s",
        "SELECT 1 FROM (SELECT id FROM parley_message WHERE workspace_id = %s) AS parley_message ORDER BY id",
        "WITH given (id) AS (VALUES (%s)) UPDATE parley_run SET model = '' FROM given"
        " WHERE parley_run.id = given.id AND (parley_run.workspace_id = %s)",
        "INSERT INTO parley_part (id, workspace_id) SELECT id, workspace_id FROM json_to_recordset(%s)",
        "INSERT INTO parley_idempotencyrecord (workspace_id, key) VALUES (%s, %s)"
        " ON CONFLICT (workspace_id, key) DO UPDATE SET key = excluded.key WHERE created_at < %s",
        "DELETE FROM parley_part WHERE workspace_id = %s AND message_id IN (%s)",
        "SELECT id FROM parley_run WHERE workspace_id = %s FOR UPDATE OF parley_run",
        "SELECT id FROM parley_run WHERE user_id IS NOT DISTINCT FROM %s AND workspace_id = %s",
        "SELECT id FROM parley_apikey WHERE public_prefix = %s",
        "CREATE INDEX of_no_tenant ON parley_message (id)",
    ],
)
def test_a_statement_that_names_its_tenant(sql: str):
    assert problems_of(sql) == ()


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT workspace_id FROM parley_run WHERE id = %s", "parley_run without workspace_id"),
        (
            "SELECT 'workspace_id' FROM parley_run WHERE id = 'workspace_id'",
            "parley_run without workspace_id",
        ),
        (
            f"{MESSAGES} JOIN parley_run r ON r.id = m.run_id WHERE m.workspace_id = %s",
            "parley_run as r without its workspace_id",
        ),
        (
            f"{MESSAGES}, parley_run WHERE workspace_id = %s AND m.id = %s",
            "parley_message as m without its workspace_id",
        ),
        (
            "DELETE FROM parley_part"
            " WHERE message_id IN (SELECT id FROM parley_message WHERE workspace_id = %s)",
            "parley_part without workspace_id",
        ),
        (
            "SELECT id FROM parley_run WHERE workspace_id = %s UNION ALL SELECT id FROM parley_run",
            "parley_run without workspace_id",
        ),
        ("SELECT id FROM parley_run ORDER BY workspace_id", "parley_run without workspace_id"),
        ("EXPLAIN (FORMAT JSON) SELECT 1 FROM parley_message", "parley_message without workspace_id"),
        ("INSERT INTO parley_part (id) VALUES (%s)", "INSERT INTO parley_part without workspace_id"),
        (
            "UPDATE parley_run SET id = id, workspace_id = %s WHERE workspace_id = %s",
            "UPDATE sets workspace_id",
        ),
        ("UPDATE parley_run SET model = workspace_id WHERE id = %s", "parley_run without workspace_id"),
    ],
)
def test_a_statement_that_does_not(sql: str, problem: str):
    assert problem in problems_of(sql)
