"""Everything with the keys alone: what has the focus can be seen, and nothing holds it back."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.site import ADMIN, PASSWORD
from tests.e2e.tenant import Tenant

FAR = 120  # presses of the Tab key, more than any page of one conversation or form takes
OUTLINED = """element => {
  const style = getComputedStyle(element);
  return style.outlineStyle !== "none" || style.boxShadow !== "none" || style.borderColor !== "";
}"""


def tab_to(page: Page, is_there: str) -> None:
    """Press Tab until the element that has the focus is the one: an expression on `element`."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate(f"(element => {is_there})(document.activeElement)"):
            assert page.evaluate(f"({OUTLINED})(document.activeElement)")
            return
    raise AssertionError(f"the Tab key never reaches {is_there}")


def test_logging_in(open_page: OpenPage):
    page = open_page()
    page.goto("/admin/")
    expect(page.get_by_label("Username")).to_be_focused()  # by itself
    page.keyboard.type(ADMIN)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def test_unfolding_a_call_and_going_on_to_correct_it(page: Page, conversation: str):
    page.goto(f"/admin/parley/conversation/{conversation}/transcript/")
    tab_to(page, "element.matches('summary') && element.textContent.includes('find_order')")
    page.keyboard.press("Enter")
    expect(page.get_by_text("in transit")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_text("in transit")).to_be_hidden()
    tab_to(page, "element.matches('a[href*=\"/change/\"]')")
    page.keyboard.press("Enter")
    expect(page.locator("#id_content")).to_be_visible()


def test_correcting_a_message(page: Page, tenant: Tenant, question: str):
    page.goto(f"/admin/parley/message/{question}/change/")
    tab_to(page, "element.id === 'id_content'")
    page.keyboard.press("Control+A")
    page.keyboard.type("By hand")
    tab_to(page, "element.name === '_save'")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert tenant.client.get(f"/api/v1/messages/{question}").json()["content"] == "By hand"


def test_a_transcript_is_read_without_scripts(open_admin: OpenPage, conversation: str):
    page = open_admin(java_script_enabled=False)
    page.goto(f"/admin/parley/conversation/{conversation}/transcript/")
    expect(page.get_by_text("It arrives on Thursday.")).to_be_visible()
    page.locator("summary", has_text="find_order").click()
    expect(page.get_by_text("in transit")).to_be_visible()
