"""Every page of the admin over a store full of hostile text: nothing runs, all is legible, on phones too."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser import hostile
from tests.browser.axe import grave
from tests.browser.conftest import OpenPage
from tests.browser.crawl import crawl
from tests.browser.site import make_member
from tests.e2e.server import Server
from tests.e2e.tenant import Tenant, make_tenant

STARTS = ("/admin/", "/admin/parley/message/?q=script")
AT_LEAST = 20  # kinds of pages, below which the crawl has lost its way
SIZES: tuple[ViewportSize, ...] = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})
# Seconds until the slowest page, of megabytes of hostile text, may be there, on a busy machine.
SLOWEST = 10
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="package")
def store_of_horrors(server: Server) -> Iterator[Tenant]:
    with make_tenant(server) as tenant:
        hostile.fill(tenant)
        make_member(server.database, tenant.workspace_id)
        yield tenant


def overflow(page: Page) -> int:
    """By how many pixels the page can be moved sideways."""
    found: int = page.evaluate(OVERFLOW)
    return max(found, 0)


@pytest.mark.timeout(600)
def test_no_page_runs_what_it_shows_or_outgrows_its_window(open_admin: OpenPage, store_of_horrors: Tenant):
    page, problems, kinds = open_admin(), [], []
    began = time.monotonic()
    for kind in crawl(page, *STARTS):
        kinds.append(kind)
        took = time.monotonic() - began
        if took > SLOWEST:
            problems.append(f"{kind}: took {took:.1f} s")
        for size in SIZES:
            page.set_viewport_size(size)
            if wide := overflow(page):
                problems.append(f"{kind}: {wide} pixels too wide at {size['width']}")
        began = time.monotonic()
    assert not problems, "\n".join(problems)
    assert len(kinds) > AT_LEAST


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(open_admin: OpenPage, store_of_horrors: Tenant, scheme: str):
    """Without the policy, which axe would violate: so escaping alone keeps the hostile text from running."""
    page = open_admin(color_scheme=scheme, bypass_csp=True)
    found = [f"{kind}: {problem}" for kind in crawl(page, *STARTS) for problem in grave(page)]
    assert not found, "\n".join(found)


LISTS = ("conversation", "message", "apikey", "workspace", "membership", "webhook")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("model", LISTS)
def test_every_action_asks_in_a_page_that_holds(open_admin: OpenPage, store_of_horrors: Tenant, model: str):
    page, problems = open_admin(), []
    page.goto(f"/admin/parley/{model}/")
    names = page.locator("select[name=action] option").evaluate_all("all => all.map(one => one.value)")
    for name in filter(None, names):
        page.goto(f"/admin/parley/{model}/")
        page.locator("#action-toggle").check()
        page.locator("select[name=action]").select_option(name)
        for size in SIZES:
            page.set_viewport_size(size)
            if wide := overflow(page):
                problems.append(f"{name}: {wide} pixels too wide at {size['width']}")
        if "export" not in name:
            with page.expect_event("load"):  # else the old page may be measured, or none at all
                page.locator("button[name=index]").click()
            if wide := overflow(page):
                problems.append(f"{name}: {wide} pixels too wide where it asks")
    assert names
    assert not problems, "\n".join(problems)
