"""The button "Redact" in the admin: asked once more, allowed by a permission of its own, logged."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from messaging.models import Conversation, Message
from messaging.services import MessageDraft
from tests.cast import Tenant
from tests.client import ApiClient
from tests.messaging.staff import client_of, make_member
from tests.messaging.transcripts import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(acme: Tenant) -> Any:
    """Of acme's staff; may see messages and conversations."""
    return make_member(acme.workspace, permissions=("view_message", "view_conversation"))


def allow(user: Any, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


def path(row: Any, view: str = "redact") -> str:
    return f"/admin/parley/{row._meta.model_name}/{row.pk}/{view}/"


def test_it_asks_first(admin_client: Client, acme: Tenant):
    assert path(acme.question) in admin_client.get(path(acme.question, "change")).content.decode()
    page = admin_client.get(path(acme.question)).content.decode()
    assert "Messages: 1" in page
    assert "cannot be undone" in page
    assert Message.objects.get(pk=acme.question.pk).redacted_at is None


def test_then_it_redacts_and_goes_back(admin_client: Client, acme: Tenant):
    back = path(acme.conversation, "change")
    response = admin_client.post(path(acme.question), {"next": back})
    assert (response.status_code, response["Location"]) == (302, back)
    assert Message.objects.get(pk=acme.question.pk).content == "[redacted]"
    assert Message.objects.get(pk=acme.reply.pk).redacted_at is None
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message, entry.object_repr) == (
        acme.question.pk,
        "Redacted",
        acme.question.pk,
    )


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_nowhere_else(admin_client: Client, acme: Tenant, url: str):
    assert url not in admin_client.get(path(acme.question), {"next": url}).content.decode()
    response = admin_client.post(path(acme.question), {"next": url})
    assert response["Location"] == path(acme.question, "change")


@pytest.mark.parametrize("with_title", [True, False])
def test_a_conversation_with_or_without_its_title(admin_client: Client, acme: Tenant, with_title: bool):
    admin_client.post(path(acme.conversation), {"with_title": "on"} if with_title else {})
    messages = Message.objects.in_conversation(acme.conversation.pk)
    assert set(messages.values_list("content", flat=True)) == {"[redacted]"}
    title = Conversation.objects.get(pk=acme.conversation.pk).title
    assert title == ("[redacted]" if with_title else "acme opening hours")


def test_what_a_run_holds_is_refused_in_words(admin_client: Client, api: ApiClient, acme: Tenant):
    api.post(f"/v1/threads/{acme.conversation.pk}/runs", {})
    for row in (acme.question, acme.conversation):
        page = admin_client.post(path(row))
        assert page.status_code == 200
        assert "Not redacted: Locked by run_" in page.content.decode()
    assert Message.objects.get(pk=acme.question.pk).redacted_at is None


def test_it_takes_the_permission(member: Any, acme: Tenant):
    for row in (acme.question, acme.conversation):
        assert path(row) not in client_of(member).get(path(row, "change")).content.decode()
        assert client_of(member).get(path(row)).status_code == 403
        assert client_of(member).post(path(row)).status_code == 403
    allow(member, "redact_message")
    member = type(member).objects.get(pk=member.pk)
    assert path(acme.question) in client_of(member).get(path(acme.question, "change")).content.decode()
    assert client_of(member).post(path(acme.question)).status_code == 302
    assert Message.objects.get(pk=acme.question.pk).redacted_at is not None


def test_what_is_of_another_workspace_is_absent(member: Any, globex: Tenant):
    allow(member, "redact_message")
    client = client_of(type(member).objects.get(pk=member.pk))
    for model, foreign in (("message", globex.question.pk), ("conversation", globex.conversation.pk)):
        for method in (client.get, client.post):
            answers = [method(f"/admin/parley/{model}/{pk}/redact/") for pk in (foreign, f"{model}_x")]
            assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/admin/")] * 2
    assert Message.objects.get(pk=globex.question.pk).redacted_at is None


def test_what_is_redacted_already_is_not_asked_for_again(admin_client: Client, acme: Tenant):
    admin_client.post(path(acme.question))
    before = Message.objects.get(pk=acme.question.pk).redacted_at
    assert path(acme.question) not in admin_client.get(path(acme.question, "change")).content.decode()
    for page in (admin_client.get(path(acme.question)), admin_client.post(path(acme.question))):
        assert "It is redacted already" in page.content.decode()
        assert 'value="Yes, redact"' not in page.content.decode()
    assert Message.objects.get(pk=acme.question.pk).redacted_at == before
    assert path(acme.conversation) in admin_client.get(path(acme.conversation, "change")).content.decode()


def test_who_redacts_a_call_is_led_to_its_answers(admin_client: Client, acme: Tenant):
    call = {"id": "c", "function": {"name": "find", "arguments": '{"iban": "DE1"}'}}
    calling, _, answer = say(
        acme,
        MessageDraft(role="assistant", content="", tool_calls=[call]),
        MessageDraft(content="between"),
        MessageDraft(role="tool", content="DE1 is unknown", meta_data={"tool_call_id": "c"}),
    )
    page = admin_client.get(path(calling)).content.decode()
    assert "others may repeat them" in page
    assert f'{answer.pk}/open/">Message {answer.seq}</a>' in page
    Message.objects.filter(pk=answer.pk).delete()
    assert "No answer to them stands near" in admin_client.get(path(calling)).content.decode()
    assert "others may repeat" not in admin_client.get(path(acme.question)).content.decode()


def test_a_wrong_confirmation_of_a_get_changes_nothing(admin_client: Client, acme: Tenant):
    admin_client.get(path(acme.question), {"post": "yes"})
    assert Message.objects.get(pk=acme.question.pk).redacted_at is None
