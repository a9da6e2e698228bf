"""The base admin: it writes through the services, and shows a key once."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from messaging.models import ApiKey, Conversation, Message, Workspace
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(admin_client: Client) -> Client:
    return admin_client


MESSAGE = {
    "role": "user",
    "sender_id": "acme-customer",
    "message_type": "text",
    "content": "acme: are you open on Sunday?",
    "tags": "",
    "meta_data": "",
}
CONVERSATION = {
    "title": "acme opening hours",
    "user_id": "acme-customer",
    "status": "active",
    "collections": "",
    "meta_data": "",
    "settings": "",
}
KEY = {"label": "acme key", "permissions": ["read"], "status": "active"}


@pytest.mark.parametrize("model", ["workspace", "apikey", "conversation", "message"])
def test_list_search_and_form_of_each_model_open(staff: Client, acme: Tenant, model: str):
    objects = {
        "workspace": acme.workspace,
        "apikey": acme.api_key,
        "conversation": acme.conversation,
        "message": acme.question,
    }
    assert staff.get(f"/admin/parley/{model}/").status_code == 200
    assert staff.get(f"/admin/parley/{model}/?q=acme").status_code == 200
    assert staff.get(f"/admin/parley/{model}/{objects[model].pk}/change/").status_code == 200


def test_a_corrected_message_gets_its_checksum_and_is_found_by_its_new_text(staff: Client, acme: Tenant):
    path = f"/admin/parley/message/{acme.question.pk}/change/"
    staff.post(path, MESSAGE | {"content": "Öffnungszeiten?"})
    corrected = Message.objects.for_workspace(acme.workspace.pk).search("öffnungs").get()
    assert corrected.pk == acme.question.pk
    assert corrected.checksum != acme.question.checksum


def test_tags_that_are_no_list_of_texts_are_refused(staff: Client, acme: Tenant):
    path = f"/admin/parley/message/{acme.question.pk}/change/"
    page = staff.post(path, MESSAGE | {"tags": '["urgent", true]'})
    assert "Give a list of texts" in page.content.decode()


def test_deleting_messages_in_the_list_counts_them_out(staff: Client, acme: Tenant):
    chosen = {"action": "delete_selected", "_selected_action": [acme.question.pk], "post": "yes"}
    staff.post("/admin/parley/message/", chosen)
    assert Conversation.objects.get(pk=acme.conversation.pk).message_count == 1


def test_deleting_a_conversation_asks_with_the_number_of_its_messages(staff: Client, acme: Tenant):
    page = staff.get(f"/admin/parley/conversation/{acme.conversation.pk}/delete/").content.decode()
    assert re.search(r"[Mm]essages: 2", page)
    staff.post(f"/admin/parley/conversation/{acme.conversation.pk}/delete/", {"post": "yes"})
    assert not Message.objects.in_conversation(acme.conversation.pk).exists()


def test_ending_a_conversation_notes_when(staff: Client, acme: Tenant):
    path = f"/admin/parley/conversation/{acme.conversation.pk}/change/"
    staff.post(path, CONVERSATION | {"status": "ended"})
    assert Conversation.objects.get(pk=acme.conversation.pk).ended_at is not None


def test_a_new_key_is_shown_once_and_works(staff: Client, acme: Tenant):
    fields = {"label": "new", "workspace": acme.workspace.pk, "permissions": ["read"], "status": "active"}
    page = staff.post("/admin/parley/apikey/add/", fields, follow=True).content.decode()
    [secret] = re.findall(r">(parley_\w+)</code>", page)
    assert ApiClient(secret).get("/api/v1/messages").status_code == 200
    assert secret not in staff.get("/admin/parley/apikey/").content.decode()


def test_a_key_revoked_in_the_admin_fails_at_the_next_request(staff: Client, acme: Tenant, api: ApiClient):
    path = f"/admin/parley/apikey/{acme.api_key.pk}/change/"
    staff.post(path, KEY | {"status": "inactive"})
    assert ApiKey.objects.get(pk=acme.api_key.pk).status == "inactive"
    assert api.get("/api/v1/messages").status_code == 401


def test_deleting_a_workspace_takes_all_of_it_and_nothing_else(staff: Client, acme: Tenant, globex: Tenant):
    staff.post(f"/admin/parley/workspace/{acme.workspace.pk}/delete/", {"post": "yes"})
    assert list(Workspace.objects.all()) == [globex.workspace]
    assert Message.objects.count() == 2


def test_a_save_that_changes_nothing_says_so(staff: Client, acme: Tenant):
    path = f"/admin/parley/message/{acme.question.pk}/change/"
    page = staff.post(path, MESSAGE, follow=True).content.decode()
    assert "Nothing was changed" in page
    assert staff.post(path, MESSAGE | {"_continue": "1"}, follow=True).redirect_chain == [(path, 302)]
    assert (
        "Nothing was changed" not in staff.post(path, MESSAGE | {"tags": "a"}, follow=True).content.decode()
    )


@pytest.mark.parametrize("tags", ["", "urgent"])
def test_a_form_leads_back_to_where_it_was_opened(staff: Client, acme: Tenant, tags: str):
    path, back = f"/admin/parley/message/{acme.question.pk}/change/", "/admin/somewhere/?a=b#c"
    opened = f"{path}?{urlencode({'next': back})}"
    assert staff.post(opened, MESSAGE | {"tags": tags})["Location"] == back
    stays = staff.post(opened, MESSAGE | {"tags": tags, "_continue": "1"})["Location"]
    assert parse_qs(urlsplit(stays).query)["next"] == [back]
    for url in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        response = staff.post(f"{path}?{urlencode({'next': url})}", MESSAGE | {"tags": tags})
        assert response["Location"] == "/admin/parley/message/"
