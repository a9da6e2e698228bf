"""Lists of the admin: bounded counts, orders of indexes, a constant number of statements."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Conversation, Message, Workspace
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_conversation,
    create_workspace,
    delete_workspace,
    tag_messages,
)
from tests.cast import Tenant
from tests.messaging.staff import client_of, make_member

MESSAGES, CONVERSATIONS = "/admin/parley/message/", "/admin/parley/conversation/"


@pytest.fixture
def staff(admin_client: Client, acme: Tenant) -> Client:
    return admin_client


def add(tenant: Tenant, number: int, **fields: Any) -> None:
    """Messages in the tenant's conversation, and as many conversations of one message each."""
    drafts = [MessageDraft(content=f"number {index}", **fields) for index in range(number)]
    workspace_id, writer = tenant.workspace.pk, Writer(owner_id="owner")
    append_messages(
        workspace_id=workspace_id, conversation_id=tenant.conversation.pk, drafts=drafts, writer=writer
    )
    for index in range(number):
        create_conversation(workspace_id=workspace_id, writer=writer, title=f"acme {index}")


def statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as taken:
        assert client.get(path).status_code == 200
    return len(taken)


def text_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def rows(client: Client, path: str) -> list[Any]:
    return list(client.get(path).context["cl"].result_list)


@pytest.mark.parametrize("path", [MESSAGES, CONVERSATIONS, f"{MESSAGES}?q=number", f"{CONVERSATIONS}?q=acme"])
def test_a_page_takes_as_many_statements_for_few_rows_as_for_many(staff: Client, acme: Tenant, path: str):
    add(acme, 2)
    few = statements(staff, path)
    add(acme, 40)
    assert len(rows(staff, path)) > 40
    assert statements(staff, path) == few
    add(acme, 60)
    assert statements(staff, path) == few


@pytest.mark.parametrize("model", ["workspace", "apikey", "membership"])
def test_lists_of_workspaces_keys_and_members_take_as_many_statements_for_many(staff: Client, model: str):
    def more(number: int) -> None:
        for index in range(number):
            make_member(create_workspace(name=f"new {index}"), name=f"{model} {number} {index}")

    more(2)
    few = statements(staff, f"/admin/parley/{model}/")
    more(20)
    assert statements(staff, f"/admin/parley/{model}/") == few


def test_more_matches_than_the_ceiling_are_not_called_a_number(staff: Client, acme: Tenant, settings: Any):
    settings.PARLEY = {"COUNT_CEILING": 60}
    add(acme, 100)
    page = staff.get(f"{MESSAGES}?q=number").content.decode()
    assert "60+ messages" in page
    assert "Pages lead to the first 60 of them" in page
    assert "All 60+ selected" in page


def test_a_list_that_is_not_narrowed_shows_the_kept_count(staff: Client, acme: Tenant, settings: Any):
    settings.PARLEY = {"COUNT_CEILING": 60}
    add(acme, 100)
    assert "104 messages" in staff.get(MESSAGES).content.decode()
    assert "102 messages" in staff.get(f"{MESSAGES}?workspace={acme.workspace.pk}").content.decode()
    assert "102 messages" in staff.get(f"{MESSAGES}?conversation={acme.conversation.pk}").content.decode()


def test_the_kept_count_is_of_conversations_too(staff: Client, acme: Tenant, settings: Any):
    settings.PARLEY = {"COUNT_CEILING": 60}
    add(acme, 100)
    assert "102 conversations" in text_of(staff, CONVERSATIONS)
    assert "101 conversations" in text_of(staff, f"{CONVERSATIONS}?workspace={acme.workspace.pk}")


@pytest.mark.parametrize(
    ("path", "count"), [(MESSAGES, "102 messages"), (CONVERSATIONS, "101 conversations")]
)
def test_the_kept_count_is_of_what_the_person_may_see(
    acme: Tenant, globex: Tenant, settings: Any, path: str, count: str
):
    settings.PARLEY = {"COUNT_CEILING": 60}
    add(acme, 100)
    add(globex, 70)
    assert count in text_of(client_of(make_member(acme.workspace)), path)


def test_a_page_beyond_the_last_is_the_last(staff: Client, acme: Tenant, settings: Any):
    settings.PARLEY = {"COUNT_CEILING": 60}
    add(acme, 100)
    response = staff.get(f"{MESSAGES}?p=400")
    assert response.context["cl"].page_num == 2
    assert len(response.context["cl"].result_list) == 10
    assert staff.get(f"{MESSAGES}?p=0").context["cl"].page_num == 1


def test_pages_follow_one_another_without_gap_or_repetition(staff: Client, acme: Tenant):
    add(acme, 60)
    pages = [row.pk for number in (1, 2) for row in rows(staff, f"{MESSAGES}?p={number}")]
    assert sorted(pages) == sorted(Message.objects.values_list("pk", flat=True))
    assert pages == sorted(pages, reverse=True)


def ordered_by(path: str, client: Client) -> list[str]:
    return list(client.get(path).context["cl"].queryset.query.order_by)


def test_each_order_is_that_of_an_index(staff: Client, acme: Tenant):
    workspace, conversation = f"workspace={acme.workspace.pk}", f"conversation={acme.conversation.pk}"
    within = ["-created_at", "-conversation_id", "-seq"]
    assert ordered_by(MESSAGES, staff) == within
    assert ordered_by(f"{MESSAGES}?{workspace}", staff) == within
    assert ordered_by(f"{MESSAGES}?{conversation}", staff) == ["-seq"]
    assert ordered_by(f"{MESSAGES}?{workspace}&o=6", staff) == [name[1:] for name in within]
    assert ordered_by(CONVERSATIONS, staff) == ["-updated_at", "-id"]
    assert ordered_by(f"{CONVERSATIONS}?{workspace}", staff) == ["-updated_at", "-id"]


def test_no_other_column_orders_whatever_the_address_says(staff: Client):
    for number in ("2", "-3", "99", "x", "2.3"):
        assert ordered_by(f"{MESSAGES}?o={number}", staff)[0].lstrip("-") == "created_at"


def test_a_member_of_one_workspace_reads_it_by_time(acme: Tenant):
    member = client_of(make_member(acme.workspace))
    assert ordered_by(MESSAGES, member)[0] == "-created_at"


def test_the_order_of_a_workspace_is_by_time(staff: Client, acme: Tenant):
    past = timezone.now() - timedelta(days=9)
    add(acme, 1, created_at=past)
    assert rows(staff, MESSAGES)[-1].content == "number 0"
    assert rows(staff, f"{MESSAGES}?workspace={acme.workspace.pk}")[-1].content == "number 0"


@pytest.mark.parametrize("direction", ["", "?o=6"])
def test_rows_of_all_workspaces_are_merged_by_time(
    staff: Client, acme: Tenant, globex: Tenant, settings: Any, direction: str
):
    settings.PARLEY = {"COUNT_CEILING": 8}
    start = timezone.now() - timedelta(days=9)
    for day in range(6):
        add(globex if day % 2 else acme, 1, created_at=start + timedelta(days=day))
    found = [row.created_at for row in rows(staff, MESSAGES + direction)]
    wanted = sorted(Message.objects.values_list("created_at", flat=True), reverse=not direction)[:8]
    assert found == wanted


def test_a_merged_list_takes_no_more_statements(staff: Client):
    for path in (MESSAGES, CONVERSATIONS):
        few = statements(staff, path)
        for number in range(5):
            create_workspace(name=f"{path} {number}")
        assert statements(staff, path) == few


@pytest.mark.parametrize("path", [MESSAGES, CONVERSATIONS])
def test_too_many_workspaces_for_the_order_of_time_are_said_and_no_column_claims_it(
    staff: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch, path: str
):
    workspace = f"{path}?workspace={acme.workspace.pk}"
    assert "sorted descending" in text_of(staff, path)
    monkeypatch.setattr("messaging.index.listing.MOST_MERGED", 1)
    assert ordered_by(path, staff) == ["-id"]
    page = text_of(staff, path)
    assert "in the order in which ids were given out" in page
    assert "sortable" not in page
    assert "sorted descending" in text_of(staff, workspace)
    assert "in the order in which" not in text_of(staff, workspace)


def test_filters_of_too_many_workspaces_look_at_the_first_rows_and_say_so(
    staff: Client, acme: Tenant, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    tag_messages(workspace_id=acme.workspace.pk, message_ids=[acme.question.pk], add=["rare"])
    settings.PARLEY = {"COUNT_CEILING": 2}
    monkeypatch.setattr("messaging.index.listing.MOST_MERGED", 1)
    path = f"{MESSAGES}?tag=rare"
    assert rows(staff, path) == []
    assert "looked for in the first 2 of the list alone. Choose a workspace" in text_of(staff, path)
    within = f"{path}&workspace={acme.workspace.pk}"
    assert rows(staff, within) == [acme.question]
    assert "looked for in the first" not in text_of(staff, within)


def test_a_term_that_is_looked_for_in_the_first_rows_is_listed_in_their_order(staff: Client):
    page = text_of(staff, f"{MESSAGES}?q=n")
    assert "in the order in which ids were given out" in page
    assert "sortable" not in page


def test_the_only_workspace_is_read_by_time(admin_client: Client, acme: Tenant, globex: Tenant):
    delete_workspace(workspace_id=globex.workspace.pk, force=True)
    assert ordered_by(MESSAGES, admin_client)[0] == "-created_at"
    assert rows(admin_client, MESSAGES) == list(Message.objects.order_by("-created_at", "-seq"))
    assert ordered_by(f"{MESSAGES}?q=n", admin_client)[0] == "-created_at"


def test_no_text_is_read_whole_for_the_list(staff: Client, acme: Tenant):
    add(acme, 1, tool_calls=[{"function": {"name": "x"}}])
    [row, *_] = rows(staff, f"{MESSAGES}?q=number")
    assert {"content", "search_text", "tool_calls", "meta_data", "attachments"} <= row.get_deferred_fields()


def test_a_message_without_text_shows_the_tool_that_it_calls(staff: Client, acme: Tenant):
    calls = [{"id": "call_1", "type": "function", "function": {"name": "get_order", "arguments": "{}"}}]
    Message.objects.filter(pk=acme.reply.pk).update(content="", search_text="", tool_calls=calls)
    assert "calls get_order" in staff.get(MESSAGES).content.decode()


@pytest.mark.parametrize("path", [MESSAGES, CONVERSATIONS])
def test_hostile_text_stays_text(staff: Client, acme: Tenant, path: str):
    hostile = "<script>alert(1)</script>"
    Message.objects.filter(pk=acme.reply.pk).update(content=hostile, search_text=hostile)
    Conversation.objects.filter(pk=acme.conversation.pk).update(title=hostile, search_title=hostile)
    Workspace.objects.filter(pk=acme.workspace.pk).update(name=hostile)
    for term in ("", "script", "<"):
        page = staff.get(path, {"q": term}).content.decode()
        assert "&lt;" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize(
    "lookup",
    ["content__contains=acme", "checksum__startswith=0", "workspace__slug=acme", "conversation__title=x"],
)
def test_a_column_that_has_no_filter_narrows_nothing(staff: Client, lookup: str):
    assert staff.get(f"{MESSAGES}?{lookup}").status_code == 400


def test_a_digest_cannot_be_guessed_letter_by_letter(staff: Client, acme: Tenant):
    first = acme.api_key.digest[0]
    assert staff.get(f"/admin/parley/apikey/?digest__startswith={first}").status_code == 400


def test_a_page_has_no_inline_style_or_script(staff: Client):
    page = staff.get(f"{MESSAGES}?q=acme").content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", page)


@pytest.mark.parametrize("path", [MESSAGES, CONVERSATIONS, "/admin/parley/apikey/"])
def test_only_what_was_asked_for_can_be_cleared(staff: Client, acme: Tenant, path: str):
    assert ">clear</a>" not in text_of(staff, path)
    assert ">clear</a>" in text_of(staff, f"{path}?q=acme")
    assert ">clear</a>" in text_of(staff, f"{path}?workspace={acme.workspace.pk}")
