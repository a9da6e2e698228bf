"""Every kind of page of the admin, found by following links from the first."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urljoin, urlsplit

from playwright.sync_api import Error, Page

ID = re.compile(r"(?<=/)(?:[a-z]+_(?:5F)?[0-9a-z]{26}|\d+)(?=/|$)")
LINKS = "[...document.links].map(link => link.href)"
# These end what the crawl needs, or are not pages.
LEFT_OUT = ("/admin/logout/", "/admin/jsi18n/")


def kind(address: str) -> str:
    """What pages have in common that differ in their ids, and in the values of their query, alone."""
    return f"{_path(address)}?{'&'.join(sorted(_names(address)))}"


def crawl(page: Page, *first: str) -> Iterator[str]:
    """Yields the kind of each page, as the browser stands on it. Downloads are begun and passed over.

    A page is worth a visit when its path is new, or a name in its query is new to this path.
    """
    page.goto(first[0])
    host = urlsplit(page.url).netloc
    waiting = [urljoin(page.url, path) for path in first]
    seen: set[tuple[str, str]] = set()
    while waiting:
        address = waiting.pop(0)
        new = {(_path(address), name) for name in ("", *_names(address))} - seen
        seen |= new
        if new and _opened(page, address):
            yield kind(address)
            waiting += [link for link in page.evaluate(LINKS) if _is_inside(link, host)]


def _path(address: str) -> str:
    return ID.sub("ID", urlsplit(address).path)


def _names(address: str) -> set[str]:
    """Of the query. What a form keeps of the list that it was reached from makes no other form."""
    names = {name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)}
    return names - {"_changelist_filters"}


def _opened(page: Page, address: str) -> bool:
    try:
        page.goto(address)
    except Error as error:
        if "Download is starting" not in str(error):
            raise
        return False
    return True


def _is_inside(link: str, host: str) -> bool:
    parts = urlsplit(link)
    return (
        parts.netloc == host
        and parts.path.startswith("/admin/")
        and not parts.path.startswith("/admin/auth/")
    )
