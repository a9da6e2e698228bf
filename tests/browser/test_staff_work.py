"""What staff do all day, done by hand in a browser: read, find, correct, hand out keys, export and import."""

import json
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.e2e.server import Server
from tests.e2e.tenant import Tenant
from tests.e2e.test_real_conversations import FILE


def stored(tenant: Tenant, message_id: str) -> str:
    """The content of a message as the API shows it."""
    return str(tenant.client.get(f"/api/v1/messages/{message_id}").json()["content"])


def open_message(page: Page, message_id: str) -> None:
    page.goto(f"/admin/parley/message/{message_id}/change/")


def save(page: Page) -> None:
    page.locator("input[name=_save]").click()


def test_a_search_marks_the_words_that_it_found(page: Page, conversation: str):
    page.goto("/admin/parley/message/")
    page.locator("#searchbar").fill("PARCEL of")
    page.locator("#searchbar").press("Enter")
    expect(page.locator("#result_list mark").first).to_have_text("parcel of")
    expect(page.locator("#result_list tbody tr:not(:has(mark))")).to_have_count(0)


def test_a_conversation_is_read_as_a_transcript(page: Page, conversation: str):
    page.goto("/admin/parley/conversation/?q=Where+is+my+parcel")
    page.get_by_role("link", name="Where is my parcel?").first.click()
    expect(page.get_by_role("heading", name="Where is my parcel?")).to_be_visible()
    expect(page.get_by_role("link", name="Export")).to_have_count(1)
    expect(page.get_by_text("It arrives on Thursday.")).to_be_visible()
    expect(page.get_by_text("in transit")).to_be_hidden()
    call = page.locator("summary", has_text="find_order")
    call.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("in transit")).to_be_visible()


def test_the_address_of_a_message_lands_on_it(page: Page, tenant: Tenant, conversation: str):
    last = tenant.ids(conversation)[-1]
    page.goto(f"/admin/parley/message/{last}/open/")
    expect(page.locator(f"#{last}")).to_be_in_viewport()


def test_a_corrected_message_is_what_the_api_tells(page: Page, tenant: Tenant, question: str):
    open_message(page, question)
    page.locator("#id_content").fill("Where is the parcel?")
    save(page)
    expect(page.locator(".messagelist .success")).to_contain_text("was changed successfully")
    assert stored(tenant, question) == "Where is the parcel?"


def test_a_stale_form_is_told_so_and_loses_nothing(open_admin: OpenPage, tenant: Tenant, question: str):
    mine = open_admin()
    theirs = mine.context.new_page()
    open_message(mine, question)
    open_message(theirs, question)
    theirs.locator("#id_content").fill("written by the other")
    save(theirs)
    mine.locator("#id_content").fill("written by me")
    save(mine)
    expect(mine.get_by_role("heading", name="Changed while you were editing")).to_be_visible()
    expect(mine.get_by_role("cell", name="written by the other")).to_be_visible()
    expect(mine.locator("#id_content")).to_have_value("written by me")
    assert stored(tenant, question) == "written by the other"
    save(mine)
    expect(mine.locator(".messagelist .success")).to_contain_text("was changed successfully")
    assert stored(tenant, question) == "written by me"


def test_what_was_typed_before_a_redaction_is_given_back(open_admin: OpenPage, tenant: Tenant, question: str):
    mine = open_admin()
    theirs = mine.context.new_page()
    open_message(mine, question)
    theirs.goto(f"/admin/parley/message/{question}/redact/")
    theirs.get_by_role("button", name="Yes, redact").click()
    mine.locator("#id_content").fill("written by me")
    save(mine)
    expect(mine.locator(".parley-stale").first).to_contain_text("admin")
    expect(mine.locator(".parley-typed")).to_have_text("written by me")
    expect(mine.locator(".messagelist .success")).to_have_count(0)
    assert stored(tenant, question) == "[redacted]"


def test_who_edits_from_a_transcript_comes_back_to_it(page: Page, conversation: str, question: str):
    place = page.locator(f"#{question}")
    page.goto(f"/admin/parley/message/{question}/open/")
    place.get_by_role("link", name="Edit").click()
    page.locator("#id_content").fill("Where is the parcel?")
    save(page)
    expect(place).to_contain_text("Where is the parcel?")
    expect(place).to_be_in_viewport()
    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Title").fill("The parcel")
    save(page)
    expect(page.get_by_role("heading", name="The parcel")).to_be_visible()


def test_a_redacted_message_is_gone_for_good(page: Page, tenant: Tenant, question: str):
    open_message(page, question)
    page.get_by_role("link", name="Redact").click()
    page.get_by_role("button", name="Yes, redact").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert "parcel" not in stored(tenant, question)
    assert "order 1042" not in page.content()


def test_a_conversation_is_exported_as_a_file(page: Page, conversation: str):
    page.goto(f"/admin/parley/conversation/{conversation}/change/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    lines = [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]
    assert download.value.suggested_filename.endswith(".jsonl")
    assert "It arrives on Thursday." in json.dumps(lines)


def test_a_key_is_shown_once_copied_and_used(
    open_admin: OpenPage, server: Server, tenant: Tenant, conversation: str
):
    page = open_admin(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/admin/parley/apikey/add/")
    page.get_by_label("Label").fill("made by hand")
    page.locator(".field-workspace .select2-selection").click()
    page.locator(".select2-search__field").last.fill(tenant.workspace_id)
    offered = page.locator(".select2-results__option", has_text="Tenant")
    expect(offered).to_have_count(1)
    offered.click()
    save(page)
    page.get_by_role("button", name="Copy the secret").click()
    secret = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"parley_\w+", secret)
    command = page.locator("#parley-curl").inner_text()
    assert secret in command
    [address] = re.findall(r"https?://[^\s'\"]+", command)
    answer = httpx.get(address, headers={"Authorization": f"Bearer {secret}"})
    assert address.startswith(server.url)
    assert answer.json()["data"][0]["conversation_id"] == conversation
    page.reload()
    expect(page.get_by_text("This form has already made the API key")).to_be_visible()
    assert secret not in page.content()


@pytest.mark.skipif(not FILE.exists(), reason=f"no {FILE.name}: set PARLEY_TEST_DATA to its folder")
def test_real_conversations_are_imported_and_read(page: Page, tenant: Tenant):
    page.goto("/admin/parley/conversation/import/")
    page.get_by_label("Workspace").select_option(tenant.workspace_id)
    page.get_by_label("File").set_input_files(FILE)
    page.get_by_role("button", name="Import").click(timeout=60_000)
    expect(page.get_by_text("200").first).to_be_visible(timeout=60_000)
    page.goto(f"/admin/parley/conversation/?workspace={tenant.workspace_id}")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("article.parley-entry").first).to_be_visible()


def test_the_dashboard_shows_another_period(page: Page, conversation: str):
    page.goto("/admin/")
    table = page.locator("details", has_text="as a table").first
    table.locator("summary").first.press("Enter")
    before = table.locator("tbody tr").count()
    page.get_by_label("From", exact=True).fill("2026-01-01")
    page.get_by_label("to", exact=True).fill("2026-01-14")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-01-01")
    expect(page.get_by_text("None in this period.").first).to_be_visible()
    page.get_by_role("form", name="Period").get_by_role("link").first.click()
    expect(page.locator("svg[role=img]").first).to_be_visible()
    assert before > 0
