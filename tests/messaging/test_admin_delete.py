"""Deleting in the admin asks with a true count of what goes."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import Conversation, Message, Workspace
from messaging.services import MessageDraft, Writer, append_messages
from tests.cast import Tenant
from tests.client import ApiClient, statements

pytestmark = pytest.mark.django_db

PARTS = [
    {"type": "text", "text": "one"},
    {"type": "tool-call", "tool_name": "f", "tool_call_id": "c", "args": {"large": "x" * 40_000}},
]


@pytest.fixture
def agent(api: ApiClient, acme: Tenant) -> str:
    """Id of a message of acme's conversation with two parts, one of them kept as a file, by an ended run."""
    thread = f"/v1/threads/{acme.conversation.pk}"
    run = f"{thread}/runs/{api.post(f'{thread}/runs', {}).json()['run_id']}"
    message_id: str = api.post(f"{run}/messages", {"role": "assistant", "parts": PARTS}).json()["id"]
    api.patch(run, {"status": "completed"})
    return message_id


def counts(page: Any) -> dict[str, int]:
    return dict(page.context["model_count"] if "model_count" in page.context else page.context["counts"])


def path(row: Any) -> str:
    return f"/admin/parley/{row._meta.model_name}/{row.pk}/delete/"


def test_of_a_message(admin_client: Client, agent: str):
    page = admin_client.get(f"/admin/parley/message/{agent}/delete/")
    assert counts(page) == {"messages": 1, "parts": 2, "stored objects": 1}


def test_a_run_that_is_active_is_warned_of(admin_client: Client, api: ApiClient, acme: Tenant):
    assert "A run is active here" not in admin_client.get(path(acme.conversation)).content.decode()
    run = api.post(f"/v1/threads/{acme.conversation.pk}/runs", {}).json()["run_id"]
    page = admin_client.get(path(acme.conversation))
    assert "A run is active here, and deletion ends it" in page.content.decode()
    assert run in page.content.decode()
    held = "conversations that an active run holds"
    assert counts(page)[held] == 1
    for action in ("delete_selected", "set_archived"):
        asked = {"action": action, "_selected_action": [acme.conversation.pk]}
        assert counts(admin_client.post("/admin/parley/conversation/", asked))[held] == 1
    admin_client.post(path(acme.conversation), {"post": "yes"})
    assert api.get(f"/v1/threads/{acme.conversation.pk}/runs/{run}").status_code == 404


def test_of_a_conversation(admin_client: Client, acme: Tenant, agent: str):
    page = admin_client.get(path(acme.conversation))
    assert counts(page) == {"conversations": 1, "messages": 3, "runs": 1, "parts": 2, "stored objects": 1}


def test_of_a_workspace(admin_client: Client, acme: Tenant, agent: str):
    below = {"conversations": 1, "messages": 3, "runs": 1, "parts": 2, "stored objects": 1, "API keys": 1}
    assert counts(admin_client.get(path(acme.workspace))) == {"workspaces": 1, **below}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("message", {"messages": 3, "parts": 2, "stored objects": 1}),
        ("conversation", {"conversations": 1, "messages": 3, "runs": 1, "parts": 2, "stored objects": 1}),
        (
            "workspace",
            {
                "workspaces": 1,
                "conversations": 1,
                "messages": 3,
                "runs": 1,
                "parts": 2,
                "stored objects": 1,
                "API keys": 1,
            },
        ),
    ],
)
def test_of_many(admin_client: Client, acme: Tenant, globex: Tenant, agent: str, model: str, expected: Any):
    ids = {
        "message": [acme.question.pk, acme.reply.pk, agent],
        "conversation": [acme.conversation.pk],
        "workspace": [acme.workspace.pk],
    }[model]
    select = {"action": "delete_selected", "_selected_action": ids}
    assert counts(admin_client.post(f"/admin/parley/{model}/", select)) == expected
    admin_client.post(f"/admin/parley/{model}/", select | {"post": "yes"})
    assert LogEntry.objects.filter(action_flag=3).count() == len(ids)
    assert Message.objects.count() == 2
    assert Workspace.objects.filter(pk=globex.workspace.pk).exists()


@pytest.mark.parametrize("model", ["message", "conversation", "workspace"])
def test_asking_takes_as_many_statements_whatever_goes(admin_client: Client, acme: Tenant, model: str):
    row = {"message": acme.question, "conversation": acme.conversation, "workspace": acme.workspace}[model]

    def taken() -> int:
        with CaptureQueriesContext(connection) as context:
            assert admin_client.get(path(row)).status_code == 200
        return len(statements(context))

    few = taken()
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=[MessageDraft(content="x")] * 200,
        writer=Writer(),
    )
    assert taken() == few < 15


def test_what_a_run_holds_is_refused_in_words(admin_client: Client, api: ApiClient, acme: Tenant):
    api.post(f"/v1/threads/{acme.conversation.pk}/runs", {})
    page = admin_client.post(path(acme.question), {"post": "yes"}, follow=True)
    assert "Not deleted: Locked by run_" in page.content.decode()
    assert Message.objects.filter(pk=acme.question.pk).exists()
    assert not LogEntry.objects.exists()


def test_a_deletion_is_logged_without_a_word_of_it(admin_client: Client, acme: Tenant):
    for row in (acme.question, acme.conversation):
        admin_client.post(path(row), {"post": "yes"})
    assert not Conversation.objects.filter(pk=acme.conversation.pk).exists()
    for entry in LogEntry.objects.all():
        assert (entry.object_repr, entry.change_message) == (entry.object_id, "")
