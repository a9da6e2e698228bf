"""A row of one workspace never refers to a row of another: the database refuses it, whatever wrote it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, models, transaction

from messaging.models import Conversation, Message, Part, Run, StoredObject
from messaging.services.runs import create_run
from messaging.sql.references import TenantReference
from tests.cast import Tenant

MODELS: list[type[models.Model]] = [Conversation, Message, Run, Part, StoredObject]
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def message(acme: Tenant, globex: Tenant) -> None:
    row = acme.reply
    row.pk, row.seq, row.workspace = "msg_smuggled", 9, globex.workspace
    row.save(force_insert=True)


def run(acme: Tenant, globex: Tenant) -> None:
    place = {"workspace": globex.workspace, "conversation": acme.conversation}
    Run.objects.create(**place, agent_id="a", expires_at=MOMENT)


def part(acme: Tenant, globex: Tenant) -> None:
    Part.objects.create(workspace=globex.workspace, message=acme.reply, position=0, type="text")


def stored_object(acme: Tenant, globex: Tenant) -> None:
    StoredObject.objects.create(workspace=globex.workspace, message=acme.reply, size_bytes=0)


def moved_message(acme: Tenant, globex: Tenant) -> None:
    Message.objects.filter(pk=acme.reply.pk).update(workspace=globex.workspace)


def moved_conversation(acme: Tenant, globex: Tenant) -> None:
    Conversation.objects.filter(pk=acme.conversation.pk).update(workspace=globex.workspace)


def lock_of_another_workspace(acme: Tenant, globex: Tenant) -> None:
    held = {"workspace_id": globex.workspace.pk, "conversation_id": globex.conversation.pk}
    foreign = create_run(**held, agent_id="a").pk
    Conversation.objects.filter(pk=acme.conversation.pk).update(active_run=foreign)


def lock_of_no_run(acme: Tenant, globex: Tenant) -> None:
    Conversation.objects.filter(pk=acme.conversation.pk).update(active_run="run_unknown")


def message_of_no_conversation(acme: Tenant, globex: Tenant) -> None:
    Message.objects.filter(pk=acme.reply.pk).update(conversation_id="conv_unknown")


Written = Callable[[Tenant, Tenant], None]
REFUSED: list[Written] = [
    message,
    run,
    part,
    stored_object,
    moved_message,
    moved_conversation,
    lock_of_another_workspace,
    lock_of_no_run,
    message_of_no_conversation,
]


@pytest.mark.django_db
@pytest.mark.parametrize("write", REFUSED)
def test_a_reference_into_another_workspace_is_refused(acme: Tenant, globex: Tenant, write: Written):
    with pytest.raises(IntegrityError), transaction.atomic():
        write(acme, globex)
        connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_it_is_refused_at_commit(acme: Tenant, globex: Tenant):
    with pytest.raises(IntegrityError), transaction.atomic():
        moved_message(acme, globex)
    assert Message.objects.for_workspace(globex.workspace.pk).count() == 2


@pytest.mark.django_db
def test_a_conversation_moves_together_with_its_messages(acme: Tenant, globex: Tenant):
    moved_conversation(acme, globex)
    Message.objects.in_conversation(acme.conversation.pk).update(workspace=globex.workspace)
    connection.check_constraints()


@pytest.mark.parametrize("model", MODELS)
def test_every_reference_between_tenant_tables_names_the_tenant(model: type[models.Model]):
    """Only the workspace itself is referred to by one column."""
    covered = {one.field: one.to for one in model._meta.constraints if isinstance(one, TenantReference)}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.name != "workspace":
            assert covered.pop(field.name) == field.remote_field.model._meta.db_table
            assert not field.db_constraint  # type: ignore[attr-defined]
    assert covered in ({}, {"active_run": Run._meta.db_table})
