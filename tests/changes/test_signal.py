"""`changed` is sent for every write after its commit; `messages_created` carries the change of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.changes import read_changes
from messaging.models import Change
from messaging.services import delete_conversation
from messaging.services.transactions import atomic
from messaging.signals import changed, messages_created
from tests.cast import Tenant
from tests.changes.test_record import append

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What the receivers were told."""
    told: list[dict[str, Any]] = []

    def receive(sender: type, signal: object, **details: Any) -> None:
        told.append(details)

    for signal in (changed, messages_created):
        signal.connect(receive)
    yield told
    for signal in (changed, messages_created):
        signal.disconnect(receive)


def test_each_write_is_told(acme: Tenant, heard: list[dict[str, Any]]):
    """By the steps, by the one statement of PostgreSQL that follows them, and of a whole conversation."""
    append(acme, "a")
    append(acme, "b")
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    changes = [details["change"] for details in heard if "messages" not in details]
    assert [change.kind for change in changes] == ["messages.created"] * 2 + ["conversation.deleted"]
    assert {details["workspace_id"] for details in heard} == {acme.workspace.pk}


def test_what_is_told_is_what_is_read(acme: Tenant, heard: list[dict[str, Any]]):
    for content in "ab":
        append(acme, content)
    told = [details["change"] for details in heard if "messages" not in details]
    read = read_changes(workspace_id=acme.workspace.pk).changes[-2:]
    assert [change.position for change in told] == [change.position for change in read]
    names = [field.attname for field in Change._meta.concrete_fields if field.attname != "created_at"]
    for one, other in zip(told, read, strict=True):
        assert [getattr(one, name) for name in names] == [getattr(other, name) for name in names]


@pytest.mark.parametrize("imported", [False, True])
def test_new_messages_say_whether_they_are_history(acme: Tenant, heard: list[dict[str, Any]], imported: bool):
    append(acme, "a", created_at=timezone.now() - timedelta(days=imported))
    [details] = [details for details in heard if "messages" in details]
    assert details["imported"] is imported
    assert details["change"].message_ids == [message.pk for message in details["messages"]]


def test_what_is_undone_is_not_told(acme: Tenant, heard: list[dict[str, Any]]):
    with pytest.raises(ZeroDivisionError), atomic():
        append(acme, "a")
        raise ZeroDivisionError
    assert heard == []
