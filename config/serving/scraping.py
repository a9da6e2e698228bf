"""`/metrics`, answered also while all threads are occupied or the database is away."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.utils.datastructures import CaseInsensitiveMapping

from config.watching.figures import Figure
from config.watching.scrape import may_read, page_of

from .answers import Answer

__all__ = ["Scrapes"]

SILENT_SECONDS = 1.0
"""A scrape goes without the figures of a database that takes longer to tell them."""

Figures = Sequence[Figure]


class Scrapes:
    """Asks the database for its figures, at most once at a time.

    `ask` does, on a thread that does nothing else.
    """

    def __init__(self, ask: Callable[[], Figures]) -> None:
        self._ask = ask
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="figures")
        self._asked: asyncio.Future[Figures] | None = None

    @staticmethod
    def is_for(scope: Mapping[str, Any]) -> bool:
        """Whether this is a scrape by somebody who may; to everybody else Django answers 404."""
        if scope["path"] != "/metrics" or scope["method"] not in ("GET", "HEAD"):
            return False
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return may_read((scope.get("client") or ("",))[0], CaseInsensitiveMapping(headers))

    async def answer(self) -> Answer:
        """What the processes have counted, and the figures where they come in time."""
        figures = await self._figures()
        page = await asyncio.get_running_loop().run_in_executor(None, page_of, figures)
        headers = {
            b"content-type": page.content_type.encode(),
            b"content-length": b"%d" % len(page.text),
            b"cache-control": b"no-store",
        }
        return Answer(200, list(headers.items()), page.text)

    async def _figures(self) -> Figures | None:
        if self._asked is None or self._asked.done():
            self._asked = asyncio.get_running_loop().run_in_executor(self._thread, self._ask)
        asked = self._asked
        await asyncio.wait([asked], timeout=SILENT_SECONDS)
        try:
            return asked.result() if asked.done() else None
        except (DatabaseError, InterfaceError):
            return None
