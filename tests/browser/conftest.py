"""One server and one browser for all tests of this folder; for each test pages that must show no fault."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.browser.site import ADMIN, PASSWORD, make_admin, static_files
from tests.browser.watch import Watch
from tests.e2e.conftest import pytest_runtest_makereport
from tests.e2e.conftest import shared_store as store
from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import CONVERSATIONS, Tenant, created, make_tenant

__all__ = ["pytest_runtest_makereport", "store"]

# Milliseconds after which something that a test waits for counts as absent.
PATIENCE = 30_000
FOLDER = Path(__file__).parent

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of this folder, and no other."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker("browser")


# The loop that playwright runs in this thread would forbid other tests the database: it ends with the folder.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium.executable(), args=list(chromium.ARGUMENTS)
        )
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def server(browser: Browser, store: Database) -> Iterator[Server]:
    make_admin(store)
    with serving(store, **static_files(store)) as running:
        yield running


@pytest.fixture
def tenant(server: Server) -> Iterator[Tenant]:
    """A new workspace with a key that may do everything in it."""
    with make_tenant(server) as made:
        yield made


@pytest.fixture
def watch(server: Server) -> Iterator[Watch]:
    """Follows every page of the test; when it ends, nothing may be wrong that it did not expect."""
    watching = Watch(server.url)
    yield watching
    faults = watching.verdict()
    assert not faults, "\n".join(faults)


@pytest.fixture
def open_page(browser: Browser, server: Server, watch: Watch) -> Iterator[OpenPage]:
    """Opens a page of a visitor whom the service does not know yet, in a window of 1280 pixels.

    Arguments are those of a browser context.
    """
    contexts = []

    def make(**options: Any) -> Page:
        given = {"viewport": {"width": 1280, "height": 900}, "base_url": server.url} | options
        context = browser.new_context(**given)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch.follow(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def signed_in(browser: Browser, server: Server) -> Any:
    """The cookies of the administrator."""
    context = browser.new_context(base_url=server.url)
    log_in(context.new_page())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_admin(open_page: OpenPage, signed_in: Any) -> OpenPage:
    """The same, of the administrator, who has logged in."""

    def make(**options: Any) -> Page:
        return open_page(storage_state=signed_in, **options)

    return make


@pytest.fixture
def page(open_admin: OpenPage) -> Page:
    """A page of the administrator in a window of 1280 pixels."""
    return open_admin()


@pytest.fixture
def conversation(tenant: Tenant) -> str:
    """Id of a conversation in which a tool is called."""
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "find_order", "arguments": '{"number": 1042}'},
    }
    conversation_id = tenant.conversation(title="Where is my parcel?", user_id="ada")
    for message in (
        {"content": "Where is the parcel of order 1042?", "sender_id": "ada"},
        {"content": "", "role": "assistant", "tool_calls": [call]},
        {"content": '{"status": "in transit"}', "role": "tool", "meta_data": {"tool_call_id": "call_1"}},
        {"content": "It arrives on Thursday.", "role": "assistant"},
    ):
        created(tenant.client.post(f"{CONVERSATIONS}/{conversation_id}/messages", json=message))
    return conversation_id


@pytest.fixture
def question(tenant: Tenant, conversation: str) -> str:
    """Id of its first message."""
    return tenant.ids(conversation)[0]


def log_in(page: Page, name: str = ADMIN, password: str = PASSWORD) -> None:
    page.goto("/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()
