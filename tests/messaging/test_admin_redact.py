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


def test_a_conversation_goes_with_its_title_and_its_people(admin_client: Client, acme: Tenant):
    page = admin_client.get(path(acme.conversation)).content.decode()
    for words in ("Conversations: 1", "Messages: 2", "What goes", "What stays", "Title, summary, end user"):
        assert words in page
    admin_client.post(path(acme.conversation))
    messages = Message.objects.in_conversation(acme.conversation.pk)
    assert set(messages.values_list("content", "sender_id")) == {("[redacted]", "[redacted]")}
    row = Conversation.objects.get(pk=acme.conversation.pk)
    assert (row.title, row.user_id) == ("[redacted]", "[redacted]")


def test_who_redacts_a_result_is_led_to_its_call(admin_client: Client, acme: Tenant):
    call = {"id": "c", "function": {"name": "find", "arguments": '{"iban": "DE1"}'}}
    calling, answer, lost = say(
        acme,
        MessageDraft(role="assistant", content="", tool_calls=[call]),
        MessageDraft(role="tool", content="DE1 is unknown", meta_data={"tool_call_id": "c"}),
        MessageDraft(role="tool", content="DE2 is unknown", meta_data={"tool_call_id": "d"}),
    )
    page = admin_client.get(path(answer)).content.decode()
    assert f'{calling.pk}/open/">message {calling.seq}</a>' in page
    assert "The call was not found" in admin_client.get(path(lost)).content.decode()
    assert "It answers a tool call" not in admin_client.get(path(calling)).content.decode()


def test_a_call_far_before_its_result_is_led_to(admin_client: Client, acme: Tenant):
    call = {"id": "c", "function": {"name": "find", "arguments": "{}"}}
    calling, *_, answer = say(
        acme,
        MessageDraft(role="assistant", content="", tool_calls=[call]),
        *[MessageDraft(content="between")] * 60,
        MessageDraft(role="tool", content="DE1", meta_data={"tool_call_id": "c"}),
    )
    assert f'{calling.pk}/open/">message' in admin_client.get(path(answer)).content.decode()


CARD = "4111 1111 1111 1111"
CASE = {
    "title": "A refund",
    "summary": f"Paid with {CARD}",
    "meta_data": {"card": CARD},
    "messages": [
        {"content": f"My card is {CARD}"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "c",
                    "type": "function",
                    "function": {"name": "pay", "arguments": f'{{"card": "{CARD}"}}'},
                }
            ],
        },
        {"role": "tool", "content": f"{CARD} was refused", "meta_data": {"tool_call_id": "c", "name": "pay"}},
        {"content": "See the file", "attachments": [{"file_id": f"statement of {CARD}.pdf"}]},
    ],
}


def test_all_that_a_search_finds_and_redacts_is_gone(admin_client: Client, api: ApiClient, acme: Tenant):
    """The case of a card number: searched for, all of it selected, redacted."""
    made = api.post("/api/v1/conversations", CASE).json()["id"]
    for model in ("message", "conversation"):
        page = f"/admin/parley/{model}/?q={CARD}"
        ids = [row.pk for row in admin_client.get(page).context["cl"].result_list]
        assert len(ids) == (4 if model == "message" else 1)
        chosen = {"action": "redact", "_selected_action": ids, "post": "yes", "index": "0"}
        admin_client.post(page, chosen)
        assert not admin_client.get(page).context["cl"].result_list
    transcript = f"/admin/parley/conversation/{made}/transcript/"
    assert CARD not in admin_client.get(transcript).content.decode()


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
