"""Conversations without a title are named by the first line of a user, on every page that names them."""

import pytest
from django.contrib.admin.sites import site
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from messaging.admin.conversations import ConversationAdmin
from messaging.models import Conversation, name_untitled
from messaging.services import MessageDraft, Writer, create_conversation
from tests.cast import Tenant
from tests.client import statements

LINE = "Where is my parcel?"
BASE = "/admin/parley/conversation/"


def untitled(acme: Tenant, *drafts: MessageDraft, title: str | None = None) -> Conversation:
    named = {"workspace_id": acme.workspace.pk, "writer": Writer(owner_id="owner")}
    return create_conversation(**named, title=title, drafts=drafts)[0]


@pytest.fixture
def parcel(acme: Tenant) -> Conversation:
    system = MessageDraft(role="system", content="You are helpful.")
    return untitled(acme, system, MessageDraft(content=f"\n  {LINE}\nIt has been weeks."))


@pytest.mark.parametrize(
    "page", ["", "{pk}/transcript/", "{pk}/change/", "{pk}/delete/", "{pk}/redact/", "{pk}/history/"]
)
def test_its_pages_name_it_so(admin_client: Client, parcel: Conversation, page: str):
    html = admin_client.get(BASE + page.format(pk=parcel.pk)).content.decode()
    assert LINE in html
    assert "It has been weeks" not in html or page == "{pk}/transcript/"


def test_so_does_the_tab_of_the_browser(admin_client: Client, parcel: Conversation):
    for page in ("transcript", "change"):
        html = admin_client.get(f"{BASE}{parcel.pk}/{page}/").content.decode()
        assert LINE in html.split("<title>")[1].split("</title>")[0]


def test_lists_of_messages_and_the_dashboard_do_too(admin_client: Client, parcel: Conversation):
    for page in ("/admin/parley/message/?role=system", "/admin/parley/workspace/dashboard/"):
        assert LINE in admin_client.get(page).content.decode()


def test_so_do_the_choices_of_a_field(acme: Tenant, parcel: Conversation):
    request = RequestFactory().get("/", {"field_name": "conversation"})
    rows = Conversation.objects.for_workspace(acme.workspace.pk)
    found, _ = ConversationAdmin(Conversation, site).get_search_results(request, rows, "")
    assert sorted(map(str, found)) == [LINE, "acme opening hours"]


def test_a_title_comes_first(acme: Tenant):
    row = untitled(acme, MessageDraft(content=LINE), title="Parcel")
    name_untitled([row])
    assert str(row) == "Parcel"


@pytest.mark.parametrize(
    ("drafts", "name"),
    [
        ([MessageDraft(role="assistant", content="How may I help?")], "How may I help?"),
        ([MessageDraft(content="x" * 500)], "x" * 80 + "…"),
        ([MessageDraft(content=" \n\t ")], None),
        ([], None),
    ],
)
def test_what_else_names_it(acme: Tenant, drafts: list[MessageDraft], name: str | None):
    row = untitled(acme, *drafts)
    name_untitled([row])
    assert str(row) == (name or row.pk)


def test_a_list_takes_one_statement_more(admin_client: Client, acme: Tenant):
    def taken() -> int:
        with CaptureQueriesContext(connection) as context:
            admin_client.get(BASE)
        return len(statements(context))

    taken()
    before = taken()
    for number in range(5):
        untitled(acme, MessageDraft(content=f"Number {number}"))
    assert taken() == before + 1
