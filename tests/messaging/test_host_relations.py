"""What another app keeps of our rows when these are deleted."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.signals import post_delete, pre_delete

from messaging.models import Conversation, Message, Workspace
from messaging.services import delete_conversation, delete_message, delete_messages, delete_workspace
from tests.cast import Tenant

needs_host = pytest.mark.skipif(
    not apps.is_installed("tests.hostapp"), reason="the host's models are not installed"
)


def make(name: str, **fields: Any) -> Model:
    model: Any = apps.get_model("hostapp", name)
    made: Model = model.objects.create(**fields)
    return made


def left(name: str) -> list[Any]:
    model: Any = apps.get_model("hostapp", name)
    return list(model.objects.all())


def remove_question(acme: Tenant) -> None:
    delete_message(workspace_id=acme.workspace.pk, message_id=acme.question.pk)


def remove_in_bulk(acme: Tenant) -> None:
    delete_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])


def remove_conversation(acme: Tenant) -> None:
    delete_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)


def remove_workspace(acme: Tenant) -> None:
    delete_workspace(workspace_id=acme.workspace.pk, force=True)


WAYS = [remove_question, remove_in_bulk, remove_conversation, remove_workspace]


@needs_host
@pytest.mark.parametrize("remove", WAYS)
def test_cascade_takes_the_rows_of_the_host(acme: Tenant, globex: Tenant, remove):
    make("Bookmark", message=acme.question)
    kept = make("Bookmark", message=globex.question)
    remove(acme)
    assert left("Bookmark") == [kept]


@needs_host
@pytest.mark.parametrize("remove", WAYS)
def test_set_null_keeps_them(acme: Tenant, remove):
    make("Ticket", message=acme.question)
    remove(acme)
    assert [ticket.message_id for ticket in left("Ticket")] == [None]


@needs_host
@pytest.mark.parametrize("remove", [remove_conversation, remove_workspace])
def test_protect_keeps_everything(acme: Tenant, remove):
    make("Evidence", conversation=acme.conversation)
    with pytest.raises(ProtectedError):
        remove(acme)
    assert Message.objects.for_workspace(acme.workspace.pk).count() == 2


@needs_host
def test_restrict_keeps_a_workspace(acme: Tenant):
    make("Contract", workspace=acme.workspace)
    with pytest.raises(RestrictedError):
        remove_workspace(acme)
    assert Conversation.objects.filter(pk=acme.conversation.pk).exists()


@needs_host
def test_the_host_hears_of_its_own_rows(acme: Tenant, heard: list[tuple[str, Any]]):
    bookmark = make("Bookmark", message=acme.question)
    remove_question(acme)
    assert ("Bookmark", bookmark.pk) in heard


@pytest.fixture
def heard() -> Iterator[list[tuple[str, Any]]]:
    """(model, key) of each row of whose deletion anybody is told."""
    names: list[tuple[str, Any]] = []

    def note(sender: Any, instance: Model, **kwargs: Any) -> None:
        names.append((sender.__name__, instance.pk))

    post_delete.connect(note)
    yield names
    post_delete.disconnect(note)


@pytest.mark.parametrize("remove", WAYS)
def test_who_listens_hears_of_each_of_our_rows(acme: Tenant, heard: list[tuple[str, Any]], remove):
    remove(acme)
    assert ("Message", acme.question.pk) in heard
    assert (("Conversation", acme.conversation.pk) in heard) is (remove in WAYS[2:])
    assert (("Workspace", acme.workspace.pk) in heard) is (remove is remove_workspace)


def test_before_a_row_goes_it_can_be_read(acme: Tenant):
    texts: list[str] = []

    def note(sender: Any, instance: Message, **kwargs: Any) -> None:
        texts.append(Message.objects.get(pk=instance.pk).content)

    pre_delete.connect(note, sender=Message)
    remove_question(acme)
    pre_delete.disconnect(note, sender=Message)
    assert texts == [acme.question.content]


def test_nothing_of_a_neighbour_goes(acme: Tenant, globex: Tenant):
    remove_workspace(acme)
    assert list(Workspace.objects.all()) == [globex.workspace]
    assert Message.objects.for_workspace(globex.workspace.pk).count() == 2
