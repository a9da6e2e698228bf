"""Renews the pictures of the README: `python -m tests.browser.screenshots`, over the demo of a first start."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium
from tests.browser.conftest import log_in
from tests.browser.site import make_admin, manage, static_files
from tests.e2e.server import Database, serving

FOLDER = Path(__file__).with_name("pictures")
WINDOW = {"width": 1280, "height": 860}


def main() -> None:
    with page_of_the_demo() as page:
        log_in(page)
        page.goto("/admin/")
        page.screenshot(path=FOLDER / "dashboard.png")
        page.goto("/admin/messaging/conversation/?q=edition")
        page.locator("#result_list th a").first.click()
        page.get_by_role("link", name="Transcript").click()
        page.locator("article.parley-entry").first.evaluate("entry => entry.scrollIntoView()")
        page.screenshot(path=FOLDER / "transcript.png")


@contextlib.contextmanager
def page_of_the_demo() -> Iterator[Page]:
    """A browser's page on a server with the demo and an administrator."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        store = Database(f"sqlite:///{folder}/demo.sqlite3", folder, seed=False)
        manage(store, "prepare")
        make_admin(store)
        with serving(store, **static_files(store)) as server:
            browser = playwright.chromium.launch(
                executable_path=chromium.executable(), args=list(chromium.ARGUMENTS)
            )
            yield browser.new_page(base_url=server.url, viewport=WINDOW, color_scheme="light")  # type: ignore[arg-type]
            browser.close()


if __name__ == "__main__":
    main()
