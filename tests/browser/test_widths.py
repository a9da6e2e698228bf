"""Nothing is hidden beyond an edge: not the columns of lists, not the buttons of a page with a long word."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.e2e.tenant import CONVERSATIONS, Tenant, created

LISTS = ("parley/message", "parley/conversation", "parley/apikey", "parley/run", "parley/part")
WORD = "https://shop.example/" + "x" * 200


@pytest.fixture
def long_word(tenant: Tenant, conversation: str) -> str:
    """Id of a message of one word that no line holds."""
    message = {"content": WORD, "sender_id": "ada"}
    created(tenant.client.post(f"{CONVERSATIONS}/{conversation}/messages", json=message))
    return tenant.ids(conversation)[-1]


def hidden(page: Page) -> int:
    """Pixels of the list that its frame does not show."""
    found: int = page.evaluate(
        "(box => box.scrollWidth - box.clientWidth)(document.querySelector('.results'))"
    )
    return found


def box(page: Page, selector: str) -> Iterator[float]:
    """Left, top, right and bottom of an element."""
    found = page.locator(selector).first.bounding_box()
    assert found is not None
    yield from (found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"])


@pytest.mark.parametrize("width", [1024, 1280, 1440])
def test_every_column_of_a_list_is_in_its_frame(open_admin: OpenPage, long_word: str, width: int):
    page = open_admin(viewport={"width": width, "height": 900})
    for model in LISTS:
        page.goto(f"/admin/{model}/")
        if page.locator("#result_list").count():
            assert hidden(page) <= 0, model


@pytest.mark.parametrize("view", ["change", "redact", "delete", "history", "whole"])
def test_on_a_phone_a_long_word_widens_no_page(open_admin: OpenPage, long_word: str, view: str):
    page = open_admin(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page.goto(f"/admin/parley/message/{long_word}/{view}/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_on_a_phone_the_form_of_a_long_word_can_be_saved(open_admin: OpenPage, long_word: str):
    page = open_admin(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page.goto(f"/admin/parley/message/{long_word}/change/")
    page.locator("#id_tags").fill("seen")
    page.locator("input[name=_save]").tap()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_no_button_covers_the_heading_of_a_form(page: Page, long_word: str):
    page.goto(f"/admin/parley/message/{long_word}/change/")
    _, _, _, bottom = box(page, "#content h2")
    _, top, _, _ = box(page, ".object-tools")
    assert top >= bottom
