"""What another app keeps of our rows when these are deleted."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.signals import post_delete, pre_delete
from django.test import Client

from messaging.models import Conversation, Feedback, Memory, Message, Workspace
from messaging.services import (
    AddMemory,
    apply_memory_changes,
    delete_conversation,
    delete_message,
    delete_messages,
    delete_workspace,
    give_feedback,
)
from tests.cast import Tenant
from tests.client import ApiClient

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


@needs_host
def test_a_wire_answers_409_where_a_host_protects(api: ApiClient, acme: Tenant):
    make("Evidence", conversation=acme.conversation)
    for path in (f"/api/v1/conversations/{acme.conversation.pk}", f"/v1/threads/{acme.conversation.pk}"):
        response = api.send("DELETE", path)
        assert response.status_code == 409, path
    assert Conversation.objects.filter(pk=acme.conversation.pk).exists()


@pytest.fixture(params=["memory", "feedback"])
def derived(request: pytest.FixtureRequest, acme: Tenant) -> dict[str, Memory | Feedback]:
    """What hangs on acme's question: a memory that was drawn from it, or feedback on it."""
    target = {"workspace_id": acme.workspace.pk}
    if request.param == "feedback":
        row, _ = give_feedback(**target, message_id=acme.question.pk, value=True)
        return {"feedback": row}
    drawn = [AddMemory(text="Likes tea", message_ids=[acme.question.pk])]
    user_id = acme.question.sender_id
    apply_memory_changes(**target, user_id=user_id, changes=drawn, extractor="rules", version="1")
    return {"memory": Memory.objects.for_workspace(acme.workspace.pk).get()}


def path_of(derived: dict[str, Memory | Feedback]) -> str:
    [(name, row)] = derived.items()
    return f"/api/v1/{'memories' if name == 'memory' else name}/{row.pk}"


@needs_host
@pytest.mark.parametrize("remove", WAYS)
def test_a_cascade_reaches_what_hangs_on_a_message(acme: Tenant, derived, remove):
    make("Remark", **derived)
    remove(acme)
    assert not left("Remark")


@needs_host
def test_a_cascade_by_the_wire(api: ApiClient, acme: Tenant, derived):
    make("Remark", **derived)
    assert api.send("DELETE", path_of(derived)).status_code == 204
    assert not left("Remark")


@needs_host
def test_a_wire_answers_409_where_a_host_protects_what_hangs_on_a_message(
    api: ApiClient, acme: Tenant, derived
):
    make("Decision", **derived)
    paths = [f"conversations/{acme.conversation.pk}", f"messages/{acme.question.pk}"]
    for path in (path_of(derived), *(f"/api/v1/{path}" for path in paths)):
        assert api.send("DELETE", path).status_code == 409, path
    [row] = derived.values()
    assert type(row).objects.filter(pk=row.pk).exists()
    assert Message.objects.for_workspace(acme.workspace.pk).count() == 2


@needs_host
def test_the_admin_says_what_a_host_protects(admin_client: Client, acme: Tenant, settings: Any):
    settings.LANGUAGE_CODE = "en"
    make("Evidence", conversation=acme.conversation)
    page = f"/admin/parley/conversation/{acme.conversation.pk}/delete/"
    alone = admin_client.post(page, {"post": "yes"}, follow=True).content.decode()
    chosen = {"_selected_action": acme.conversation.pk, "action": "delete_selected", "post": "yes"}
    many = admin_client.post("/admin/parley/conversation/", chosen, follow=True).content.decode()
    for shown in (alone, many):
        assert "Rows of another app refer to it, so it cannot be deleted" in shown
    assert Conversation.objects.filter(pk=acme.conversation.pk).exists()
