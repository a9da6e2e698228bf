"""What every page tells the browser that it may do with it."""

import pytest
from django.test import Client

EVERYWHERE = [
    "/",
    "/admin/login/",
    "/admin/nowhere/",
    "/api/v1/messages",
    "/v1/threads",
    "/livez",
    "/api/docs",
]


@pytest.fixture
def browser() -> Client:
    return Client(SERVER_NAME="localhost")


def policy(browser: Client, path: str) -> dict[str, str]:
    """The directives of a page's content security policy."""
    header = browser.get(path)["Content-Security-Policy"]
    return dict(directive.split(" ", 1) for directive in header.split("; "))


@pytest.mark.parametrize("path", EVERYWHERE)
def test_nothing_but_our_own_scripts_run_and_no_other_site_frames_us(browser: Client, path: str):
    directives = policy(browser, path)
    assert directives["script-src"] == directives["default-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["object-src"] == directives["base-uri"] == "'none'"


def test_pages_of_the_admin_take_no_inline_styles(browser: Client):
    assert policy(browser, "/admin/login/")["style-src"] == "'self'"


@pytest.mark.parametrize("path", EVERYWHERE)
def test_the_other_headers_are_there(browser: Client, path: str):
    headers = browser.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_browser_that_asks_for_the_icon_of_the_site_gets_one(browser: Client):
    assert browser.get("/favicon.ico")["Location"].endswith("/site/icon.svg")
