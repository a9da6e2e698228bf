"""A form that somebody overtook says so, keeps what was typed, and can then be saved on purpose."""

import json
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from messaging.exceptions import MessageNotFound
from messaging.models import ApiKey, Conversation, Message, Workspace
from messaging.services import delete_message, redact_messages, update_conversation, update_message
from tests.cast import Tenant
from tests.client import ApiClient
from tests.messaging.staff import NO_MEMBERS
from tests.messaging.test_admin import CONVERSATION, KEY, MESSAGE

pytestmark = pytest.mark.django_db

FIELDS: dict[str, dict[str, Any]] = {
    "message": MESSAGE,
    "conversation": CONVERSATION,
    "workspace": {"name": "acme", "slug": "acme", "meta_data": "", **NO_MEMBERS},
    "apikey": KEY
    | {"label": "acme key", "permissions": ["read", "write", "agent", "admin"], "owner_id": "acme-owner"},
}
EDITS: dict[str, tuple[str, str]] = {
    "message": ("content", "mine"),
    "conversation": ("title", "mine"),
    "workspace": ("name", "mine"),
    "apikey": ("label", "mine"),
}


@pytest.fixture
def staff(admin_client: Client) -> Client:
    return admin_client


def rows(acme: Tenant) -> dict[str, Any]:
    return {
        "message": acme.question,
        "conversation": acme.conversation,
        "workspace": acme.workspace,
        "apikey": acme.api_key,
    }


def path(acme: Tenant, model: str) -> str:
    return f"/admin/parley/{model}/{rows(acme)[model].pk}/change/"


def token(page: Any) -> str:
    found: str
    [found] = re.findall(r'name="opened" value="([^"]*)"', page.content.decode())
    return found.replace("&quot;", '"')


def overtake(acme: Tenant, model: str, **values: Any) -> None:
    row = rows(acme)[model]
    type(row).objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize("model", FIELDS)
def test_a_form_that_nobody_overtook_is_saved(staff: Client, acme: Tenant, model: str):
    name, mine = EDITS[model]
    opened = token(staff.get(path(acme, model)))
    response = staff.post(path(acme, model), FIELDS[model] | {name: mine, "opened": opened})
    assert response.status_code == 302, response.content.decode()
    assert getattr(type(rows(acme)[model]).objects.get(pk=rows(acme)[model].pk), name) == mine


@pytest.mark.parametrize("model", FIELDS)
def test_a_stale_form_is_told_so_and_loses_nothing(staff: Client, acme: Tenant, model: str):
    name, mine = EDITS[model]
    opened = token(staff.get(path(acme, model)))
    overtake(acme, model, **{name: "theirs"})
    page = staff.post(path(acme, model), FIELDS[model] | {name: mine, "opened": opened})
    text = page.content.decode()
    assert page.status_code == 200
    assert "Somebody else changed this while you were editing" in text
    assert "through the API or a command" in text
    assert re.search(r'<td dir="auto">theirs</td>\s*<td dir="auto">mine</td>', text)
    assert page.context["adminform"].form[name].value() == mine
    assert getattr(type(rows(acme)[model]).objects.get(pk=rows(acme)[model].pk), name) == "theirs"
    again = staff.post(path(acme, model), FIELDS[model] | {name: mine, "opened": token(page)})
    assert again.status_code == 302
    assert getattr(type(rows(acme)[model]).objects.get(pk=rows(acme)[model].pk), name) == mine


def test_what_i_had_not_touched_becomes_what_is_stored(staff: Client, acme: Tenant):
    opened = token(staff.get(path(acme, "conversation")))
    overtake(
        acme,
        "conversation",
        summary="theirs",
        is_public=True,
        settings={"theirs": 1},
        ended_at="2026-01-02T03:04:05.678Z",
    )
    mine = CONVERSATION | {"title": "mine", "opened": opened}
    page = staff.post(path(acme, "conversation"), mine)
    form = page.context["adminform"].form
    assert [difference.mine for difference in form.differences] == [None] * 4
    typed = {name: form[name].value() for name in ("title", "summary", "is_public", "settings")}
    assert typed == {
        "title": "mine",
        "summary": "theirs",
        "is_public": True,
        "settings": '{\n  "theirs": 1\n}',
    }
    [day, moment] = form.fields["ended_at"].widget.decompress(form["ended_at"].value())
    fields = {
        "title": "mine",
        "summary": "theirs",
        "is_public": "on",
        "settings": typed["settings"],
        "ended_at_0": f"{day}",
        "ended_at_1": f"{moment:%H:%M:%S}",
        "opened": token(page),
    }
    assert staff.post(path(acme, "conversation"), CONVERSATION | fields).status_code == 302
    row = Conversation.objects.get(pk=acme.conversation.pk)
    assert (row.title, row.summary, row.is_public, row.settings) == ("mine", "theirs", True, {"theirs": 1})
    assert row.ended_at is not None
    assert row.ended_at.microsecond == 678_000


def test_a_message_that_arrives_makes_no_title_stale(staff: Client, api: ApiClient, acme: Tenant):
    opened = token(staff.get(path(acme, "conversation")))
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "meanwhile"}}
    assert api.post("/api/v1/messages", body).status_code == 201
    response = staff.post(path(acme, "conversation"), CONVERSATION | {"title": "mine", "opened": opened})
    assert response.status_code == 302


def test_it_names_who_changed_it_in_the_admin(staff: Client, acme: Tenant, django_user_model: Any):
    opened = token(staff.get(path(acme, "message")))
    other = Client()
    other.force_login(django_user_model.objects.create_superuser("mia", "mia@example.com", "x"))
    other.post(path(acme, "message"), MESSAGE | {"content": "theirs"})
    text = staff.post(path(acme, "message"), MESSAGE | {"content": "mine", "opened": opened}).content.decode()
    assert re.search(r"<bdi>mia</bdi>.*<bdi>[^<]*Content[^<]*</bdi>", text, re.DOTALL)


def test_what_was_typed_before_a_redaction_is_given_back(
    staff: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("messaging.admin.forms.versioned.LONGEST_SHOWN", 100)
    opened = token(staff.get(path(acme, "message")))
    staff.post(path(acme, "message").replace("change", "redact"))
    mine = "<b>mine</b>\n" + "x" * 300
    page = staff.post(path(acme, "message"), MESSAGE | {"content": mine, "tags": "late", "opened": opened})
    text = page.content.decode()
    assert "Nothing is saved yet" in text
    assert re.search(r"<bdi>admin</bdi>.*<bdi>Redacted</bdi>", text, re.DOTALL)
    assert f"&lt;b&gt;mine&lt;/b&gt;\n{'x' * 300}</pre>" in text
    row = Message.objects.get(pk=acme.question.pk)
    assert (row.content, row.tags) == ("[redacted]", acme.question.tags)
    without = staff.post(path(acme, "message"), MESSAGE | {"content": mine}).content.decode()
    assert "it said cannot be written again" in without
    assert f"{'x' * 300}</pre>" in without


def test_a_remark_upon_what_was_redacted_meanwhile_is_saved_on_the_second_click(staff: Client, acme: Tenant):
    opened = token(staff.get(path(acme, "message")))
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk])
    unchanged = MESSAGE | {"content": acme.question.content, "tags": "late"}
    page = staff.post(path(acme, "message"), unchanged | {"opened": opened})
    text = page.content.decode()
    assert "through the API or a command" in text
    assert "What you had typed" not in text
    form = page.context["adminform"].form
    again = {name: form[name].value() or "" for name in form.fields} | {"opened": token(page)}
    assert staff.post(path(acme, "message"), again).status_code == 302
    assert Message.objects.get(pk=acme.question.pk).tags == ["late"]


def test_a_mistake_elsewhere_does_not_make_the_form_fresh(staff: Client, acme: Tenant):
    opened = token(staff.get(path(acme, "message")))
    overtake(acme, "message", content="theirs")
    page = staff.post(
        path(acme, "message"), MESSAGE | {"meta_data": "{", "content": "mine", "opened": opened}
    )
    assert token(page) == opened
    page = staff.post(path(acme, "message"), MESSAGE | {"content": "mine", "opened": token(page)})
    assert "Somebody else changed this" in page.content.decode()


def test_the_same_change_by_two_is_no_difference(staff: Client, acme: Tenant):
    opened = token(staff.get(path(acme, "message")))
    overtake(acme, "message", content="ours")
    page = staff.post(path(acme, "message"), MESSAGE | {"content": "ours", "opened": opened})
    assert page.status_code == 302


@pytest.mark.parametrize(
    "opened", ["", "{", "[]", '{"version": 3}', '{"version": {"content": 1, "workspace": "x"}}']
)
def test_a_token_that_is_none_does_no_harm(staff: Client, acme: Tenant, opened: str):
    response = staff.post(path(acme, "message"), MESSAGE | {"content": "mine", "opened": opened})
    assert response.status_code in (200, 302)


def test_one_that_is_gone_gives_back_what_was_typed(staff: Client, acme: Tenant):
    opened = token(staff.get(path(acme, "message")))
    delete_message(workspace_id=acme.workspace.pk, message_id=acme.question.pk)
    page = staff.post(path(acme, "message"), MESSAGE | {"content": "<b>mine</b>", "opened": opened})
    assert page.status_code == 404
    assert "deleted meanwhile" in page.content.decode()
    assert "&lt;b&gt;mine&lt;/b&gt;" in page.content.decode()


def test_one_that_goes_while_it_is_saved_does_too(
    staff: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
):
    def vanish(**kwargs: Any) -> None:
        Message.objects.filter(pk=acme.question.pk).delete()
        raise MessageNotFound

    monkeypatch.setattr("messaging.admin.messages.update_message", vanish)
    page = staff.post(path(acme, "message"), MESSAGE | {"content": "mine"})
    assert "Message not found" in page.content.decode()
    assert page.context["adminform"].form["content"].value() == "mine"


def test_the_lock_of_a_run_is_said_on_the_form(staff: Client, api: ApiClient, acme: Tenant):
    api.post(f"/v1/threads/{acme.conversation.pk}/runs", {})
    page = staff.post(path(acme, "message"), MESSAGE | {"content": "mine"})
    assert page.status_code == 200
    assert "Locked by run_" in page.content.decode()
    assert page.context["adminform"].form["content"].value() == "mine"
    assert Message.objects.get(pk=acme.question.pk).content != "mine"


def test_a_taken_slug_is_said_at_its_field(staff: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    """Taken between Django's look and the save."""
    monkeypatch.setattr(Workspace, "validate_unique", lambda *args, **kwargs: None)
    page = staff.post(path(acme, "workspace"), FIELDS["workspace"] | {"slug": "globex"})
    assert page.context["adminform"].form.errors == {"slug": ["Another workspace has this slug"]}
    assert Workspace.objects.get(pk=acme.workspace.pk).slug == "acme"


def test_the_log_names_fields_and_no_text(staff: Client, acme: Tenant):
    fields = MESSAGE | {"content": "a secret", "tags": "urgent"}
    staff.post(path(acme, "message"), fields)
    staff.post(path(acme, "conversation"), CONVERSATION | {"title": "a secret"})
    entries = {entry.object_id: entry for entry in LogEntry.objects.all()}
    assert json.loads(entries[acme.question.pk].change_message) == [
        {"changed": {"fields": ["Content", "Tags"]}}
    ]
    assert json.loads(entries[acme.conversation.pk].change_message) == [{"changed": {"fields": ["Title"]}}]
    for entry in entries.values():
        assert (entry.object_repr, "secret" in entry.change_message) == (entry.object_id, False)


def test_saving_a_form_untouched_changes_nothing(staff: Client, acme: Tenant):
    workspace_id, text = acme.workspace.pk, " two\n\nlines \n"
    update_message(
        workspace_id=workspace_id,
        message_id=acme.question.pk,
        changes={
            "content": text,
            "sender_id": " Ada ",
            "tags": ["b", "a,c"],
            "meta_data": {"x": 1e16, "ä": [{}]},
        },
    )
    update_conversation(
        workspace_id=workspace_id,
        conversation_id=acme.conversation.pk,
        changes={"title": " T ", "summary": "a\r\nb", "collections": ["x", "y"], "settings": {"n": 2**70}},
    )
    for model, row in (("message", acme.question), ("conversation", acme.conversation)):
        form = staff.get(path(acme, model)).context["adminform"].form
        data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
        browser = {name: value.replace("\r\n", "\n").replace("\n", "\r\n") for name, value in data.items()}
        before = type(row).objects.filter(pk=row.pk).values().get()
        assert staff.post(path(acme, model), browser).status_code == 302
        assert type(row).objects.filter(pk=row.pk).values().get() == before


def test_permissions_in_another_order_are_untouched(staff: Client, acme: Tenant):
    opened = token(staff.get(path(acme, "apikey")))
    overtake(acme, "apikey", label="theirs", permissions=["read"])
    page = staff.post(path(acme, "apikey"), FIELDS["apikey"] | {"opened": opened})
    assert {d.label: d.mine for d in page.context["adminform"].form.differences} == {
        "Label": None,
        "Permissions": None,
    }
    assert ApiKey.objects.get(pk=acme.api_key.pk).permissions == ["read"]
