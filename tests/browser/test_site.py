"""The service's own pages beside the admin."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.watch import Watch


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page of someone who has not logged in."""
    return open_page()


def test_the_home_page_leads_to_the_admin(page: Page):
    page.goto("/")
    page.get_by_role("link", name="Admin").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_operations_can_be_tried_out(page: Page):
    page.goto("/api/docs")
    page.locator(".opblock-summary").first.click()
    expect(page.get_by_role("button", name="Execute").first).to_be_visible()


def test_the_reference_is_drawn_but_for_the_logo_of_another_host(page: Page, watch: Watch):
    watch.expect("redoc.ly")
    with page.expect_console_message(lambda message: "redoc.ly" in message.text):
        page.goto("/api/redoc")
    expect(page.locator("h1", has_text="Parley")).to_be_visible()
