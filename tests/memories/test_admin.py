"""Memories in the admin: whose they are, where they come from, and what staff may do to them."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from messaging.models import Memory, MemoryRevision
from messaging.services import AddMemory, add_memory, apply_memory_changes, redraw_memories
from tests.cast import Tenant
from tests.messaging.staff import client_of, make_member

pytestmark = pytest.mark.usefixtures("in_english")
LIST = "/admin/parley/memory/"


@pytest.fixture
def rome(acme: Tenant) -> Memory:
    apply_memory_changes(
        workspace_id=acme.workspace.pk,
        user_id=acme.question.sender_id,
        changes=[AddMemory(text="Lives in Rome", topics=["place"], message_ids=[acme.question.pk])],
        extractor="rules",
        version="1",
    )
    return Memory.objects.get(workspace=acme.workspace.pk)


def page(client: Client, path: str) -> str:
    response = client.get(path, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_list(admin_client: Client, acme: Tenant, rome: Memory):
    add_memory(workspace_id=acme.workspace.pk, user_id="bob", memory="Has a cat")
    shown = page(admin_client, LIST)
    assert "Lives in Rome" in shown
    assert "Has a cat" in shown
    assert "Has a cat" not in page(admin_client, f"{LIST}?q=rome")
    assert "Lives in Rome" not in page(admin_client, f"{LIST}?user=bob")


def test_one_leads_to_its_messages_and_tells_its_history(admin_client: Client, acme: Tenant, rome: Memory):
    shown = page(admin_client, f"{LIST}{rome.pk}/change/")
    assert f'<a href="/admin/parley/message/{acme.question.pk}/change/">' in shown
    assert "rules 1" in shown
    assert '<span dir="auto">Lives in Rome</span>' in shown


@pytest.mark.parametrize("actor", ["of another store", "9" * 30, None])
def test_who_wrote_one_may_be_nobody_here(admin_client: Client, rome: Memory, actor: str | None):
    revisions = MemoryRevision.objects.for_workspace(rome.workspace_id)
    revisions.update(actor_kind="staff", actor_id=actor, extractor=None)
    who = f" by {actor}" if actor else ""
    shown = page(admin_client, f"{LIST}{rome.pk}/change/")
    assert f'Created{who}: <span dir="auto">Lives in Rome</span>' in shown


def form_of(client: Client, rome: Memory) -> dict[str, Any]:
    response = client.get(f"{LIST}{rome.pk}/change/")
    form = response.context["adminform"].form
    values = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    hidden = {field.html_name: field.value() or "" for field in form.hidden_fields()}
    return values | hidden


def test_staff_correct_one(admin_client: Client, rome: Memory):
    given = form_of(admin_client, rome) | {"memory": "Lives in Paris"}
    admin_client.post(f"{LIST}{rome.pk}/change/", given)
    rome.refresh_from_db()
    assert (rome.memory, rome.version) == ("Lives in Paris", 2)
    latest = MemoryRevision.objects.for_workspace(rome.workspace_id).get(version=2)
    assert latest.actor_kind == "staff"
    shown = page(admin_client, f"{LIST}{rome.pk}/change/")
    assert 'Updated by admin: <span dir="auto">Lives in Paris</span>' in shown
    assert 'Created by rules: <span dir="auto">Lives in Rome</span>' in shown


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("memory", "", "Eine Erinnerung darf nicht leer sein"),
        ("memory", "x" * 10_001, "Eine Erinnerung hat höchstens 10000 Zeichen, nicht 10001"),
        ("memory", "has a cat.", "Das sagt bereits die Erinnerung mem_"),
        ("metadata", json.dumps({"a": "x" * 70_000}), "Die Metadaten einer Erinnerung haben höchstens"),
        ("topics", "x" * 256, "Ein Schlagwort hat höchstens 255 Zeichen, nicht 256"),
    ],
)
def test_what_is_refused_is_said_in_german_at_its_field(
    admin_client: Client, acme: Tenant, rome: Memory, settings: Settings, field: str, typed: str, told: str
):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000
    add_memory(workspace_id=acme.workspace.pk, user_id=rome.user_id, memory="Has a cat")
    given = form_of(admin_client, rome) | {field: typed}
    response = admin_client.post(f"{LIST}{rome.pk}/change/", given, headers={"Accept-Language": "de"})
    [error] = response.context["adminform"].form.errors[field]
    assert error.startswith(told)
    assert [*response.context["adminform"].form.errors] == [field]


def test_staff_have_one_drawn_anew(admin_client: Client, rome: Memory):
    asked = page(admin_client, f"{LIST}{rome.pk}/redraw/")
    assert "draws it anew" in asked
    admin_client.post(f"{LIST}{rome.pk}/redraw/", {"post": "yes"})
    rome.refresh_from_db()
    assert (rome.state, rome.memory) == ("hidden", "")
    assert "waits to be drawn anew" in page(admin_client, f"{LIST}{rome.pk}/redraw/")


def test_staff_drop_some(admin_client: Client, rome: Memory):
    chosen = {"action": "delete_selected", "_selected_action": [rome.pk], "post": "yes", "index": "0"}
    admin_client.post(LIST, chosen)
    assert not Memory.objects.filter(pk=rome.pk).exists()


def test_who_may_not_redraw(acme: Tenant, rome: Memory):
    member = client_of(make_member(acme.workspace, permissions=("view_memory", "change_memory")))
    assert "Lives in Rome" in page(member, LIST)
    assert member.post(f"{LIST}{rome.pk}/redraw/", {"post": "yes"}).status_code == 403


def test_another_workspace_is_not_seen(globex: Tenant, acme: Tenant, rome: Memory):
    member = client_of(make_member(globex.workspace))
    assert "Lives in Rome" not in page(member, LIST)
    assert "Lives in Rome" not in page(member, f"{LIST}{rome.pk}/change/")


def test_the_transcript_marks_what_gave_one(admin_client: Client, acme: Tenant, rome: Memory):
    path = f"/admin/parley/conversation/{acme.conversation.pk}/transcript/"
    shown = page(admin_client, path)
    assert shown.count("gave a memory") == 1
    assert f'href="/admin/parley/memory/{rome.pk}/change/"' in shown
    reader = make_member(acme.workspace, permissions=("view_message", "view_conversation"))
    assert "gave a memory" not in page(client_of(reader), path)


def test_the_dashboard_counts_them(admin_client: Client, acme: Tenant, rome: Memory):
    shown = page(admin_client, "/admin/parley/workspace/dashboard/")
    assert "<dt>Memories</dt><dd>1</dd>" in shown
    redraw_memories(workspace_id=acme.workspace.pk, memory_ids=[rome.pk])
    shown = page(admin_client, "/admin/parley/workspace/dashboard/")
    assert "<dt>Waiting to be drawn anew</dt><dd>1</dd>" in shown
