"""A host's own tables refer to conversations and messages by Django's foreign keys."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Count

from messaging.models import Conversation, Message
from messaging.services import delete_conversation
from messaging.services.removal import _relations
from tests.cast import Tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket(db: None) -> Iterator[type[models.Model]]:
    """A model of a host, with its table, for as long as a test runs."""

    class Ticket(models.Model):
        conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="tickets")
        message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tickets", null=True)

        class Meta:
            app_label = "contenttypes"

        def __str__(self) -> str:
            return str(self.pk)

    try:
        with connection.schema_editor() as editor:
            editor.create_model(Ticket)
        _relations.cache_clear()
        yield Ticket
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Ticket)
        del apps.all_models["contenttypes"]["ticket"]
        apps.clear_cache()
        _relations.cache_clear()
        for model in (Conversation, Message):
            delattr(model, "tickets")


def test_they_are_counted(acme: Tenant, ticket: Any):
    ticket.objects.create(conversation=acme.conversation, message=acme.reply)
    ticket.objects.create(conversation=acme.conversation)
    counts = {name: Count(name, distinct=True) for name in ("tickets", "messages")}
    counted: Any = Conversation.objects.annotate(**{f"of_{name}": counts[name] for name in counts})
    row = counted.get(pk=acme.conversation.pk)
    assert (row.of_tickets, row.of_messages) == (2, 2)
    messages = Message.objects.in_conversation(acme.conversation.pk).order_by("seq")
    assert [row["n"] for row in messages.values("pk").annotate(n=Count("tickets"))] == [0, 1]


def test_they_go_with_the_conversation(acme: Tenant, globex: Tenant, ticket: Any):
    for tenant in (acme, globex):
        ticket.objects.create(conversation=tenant.conversation, message=tenant.reply)
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    assert [row.conversation for row in ticket.objects.all()] == [globex.conversation]


def test_they_refer_to_rows_that_exist(acme: Tenant, ticket: Any):
    with pytest.raises(IntegrityError), transaction.atomic():
        ticket.objects.create(conversation_id="conv_unknown")
