"""Renews the documents' pictures: `python -m tests.browser.screenshots`, over the demo of a first start."""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.browser import chromium
from tests.browser.conftest import log_in
from tests.browser.site import static_files
from tests.e2e.server import Database, serving

FOLDER = Path(__file__).with_name("pictures")
WINDOW: ViewportSize = {"width": 1280, "height": 1000}


def main() -> None:
    with page_of_the_demo() as page:
        page.goto("/admin/")
        page.screenshot(path=FOLDER / "dashboard.png")
        page.goto("/admin/parley/conversation/?q=edition")
        page.get_by_role("link", name="Which edition did I buy?").click()
        page.locator("#toggle-nav-sidebar").click()
        page.locator("summary", has_text="Reasoning").first.click()
        page.locator("summary", has_text="error").click()
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=FOLDER / "transcript.png")


class Demo(Database):
    """The database of a first start, and the password that it prints."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/demo.sqlite3"
        self.folder = folder
        [self.password] = re.findall(r"user admin, password (\S+)", self.run("manage", "prepare"))


@contextlib.contextmanager
def page_of_the_demo() -> Iterator[Page]:
    """A page of the administrator, who has logged in."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = Demo(Path(folder))
        with serving(demo, **static_files(demo)) as server:
            browser = playwright.chromium.launch(
                executable_path=chromium.executable(), args=list(chromium.ARGUMENTS)
            )
            page = browser.new_page(base_url=server.url, viewport=WINDOW, color_scheme="light")
            log_in(page, "admin", demo.password)
            yield page
            browser.close()


if __name__ == "__main__":
    main()
