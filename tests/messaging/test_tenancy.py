"""What the store and Django's own ways of reaching a row leave alone: everything of another tenant."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from messaging.migrations.sql import postgresql
from messaging.models import Conversation, Message, Run
from messaging.services import create_run
from tests.cast import Tenant
from tests.tenancy import problems_of


def test_rows_of_another_workspace_are_not_updated_with_ours(acme: Tenant, globex: Tenant):
    rows = [acme.question, globex.question]
    for row in rows:
        row.tags = ["changed"]
    Message.objects.for_workspace(acme.workspace.pk).update_each(rows, ("tags",))
    stored = dict(Message.objects.values_list("pk", "tags"))
    assert (stored[acme.question.pk], stored[globex.question.pk]) == (["changed"], None)


def test_rows_of_another_workspace_are_not_deleted_with_ours(acme: Tenant, globex: Tenant):
    pks = [acme.question.pk, globex.question.pk]
    assert Message.objects.for_workspace(acme.workspace.pk).filter(pk__in=pks).delete_rows() == 1
    assert Message.objects.filter(pk=globex.question.pk).exists()


def sql_of(context: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in context.captured_queries if "parley_" in query["sql"]]


def test_save_names_the_tenant_and_leaves_it(acme: Tenant):
    run = create_run(
        workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, agent_id="a", model="m"
    )
    with CaptureQueriesContext(connection) as context:
        acme.question.save()
        run.save(update_fields=["model"])
    assert [problems_of(sql) for sql in sql_of(context)] == [(), ()]


def test_a_row_that_changes_its_workspace_is_not_saved(acme: Tenant, globex: Tenant):
    run = create_run(
        workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, agent_id="a", model="m"
    )
    run.workspace_id = globex.workspace.pk
    with pytest.raises(DatabaseError, match="did not affect any rows"), transaction.atomic():
        run.save(force_update=True)
    assert Run.objects.get().workspace_id == acme.workspace.pk


@pytest.mark.parametrize(
    "rows",
    [
        lambda workspace_id: Message.objects.for_workspace(workspace_id).select_related("conversation"),
        lambda workspace_id: Message.objects.for_workspace(workspace_id).filter(conversation__title="x"),
        lambda workspace_id: Conversation.objects.for_workspace(workspace_id).annotate(Count("messages")),
        lambda workspace_id: Conversation.objects.for_workspace(workspace_id).filter(messages__role="user"),
        lambda workspace_id: Conversation.objects.for_workspace(workspace_id).filter(
            messages__parts__type="text"
        ),
    ],
)
def test_a_join_compares_the_workspaces(acme: Tenant, rows):
    with CaptureQueriesContext(connection) as context:
        list(rows(acme.workspace.pk))
    [sql] = sql_of(context)
    assert "JOIN" in sql
    assert problems_of(sql) == ()


def test_a_row_finds_what_it_refers_to_in_its_workspace(acme: Tenant):
    message = Message.objects.get(pk=acme.question.pk)
    with CaptureQueriesContext(connection) as context:
        assert message.conversation == acme.conversation
    assert [problems_of(sql) for sql in sql_of(context)] == [()]


def test_a_count_over_a_relation_is_right(acme: Tenant, globex: Tenant):
    counted = Conversation.objects.annotate(number=Count("messages")).values_list("pk", "number")
    assert dict(counted) == {acme.conversation.pk: 2, globex.conversation.pk: 2}


@pytest.mark.parametrize("body", [postgresql.ADD, postgresql.FORGET])
def test_what_triggers_run_names_the_tenant(body: str):
    starts = [body.index(word) for word in ("UPDATE", "WITH free", "INSERT") if word in body]
    statements = [statement for start in starts for statement in body[start:].split(";")[:1]]
    assert statements
    assert [problems_of(statement) for statement in statements] == [()] * len(statements)
