"""Changes as they come: one thread of a process reads them for all who listen to it.

Everything here lives on an event loop, and a listener holds neither a thread nor a connection. While there is
one, the relay polls: one statement for all of them, whatever they listen to. The same thread reads, page by
page, what a listener has missed: before it came, or because it takes changes more slowly than they are made.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from django.db import DatabaseError, InterfaceError, connections

from messaging.exceptions import ResyncNeeded
from messaging.models import Change
from messaging.values.position import Position

from .reading import current_position, read_changes, read_changes_of_all

__all__ = ["Grant", "Heard", "Listener", "Relay", "Resync", "Silence", "Told", "missed_page"]

logger = logging.getLogger("messaging")

Result = TypeVar("Result")

Grant = tuple[str, str]
"""The key and the workspace by which somebody may listen."""

POLL_SECONDS, CHECK_SECONDS, SILENT_SECONDS, AWAY_SECONDS = 0.1, 3.0, 15.0, 1.0
UNCHECKED_SECONDS = 300.0
"""After so long a listener without a grant has to come back, so that its right to listen is looked at."""
PAGE_CHANGES = 200
MOST_PENDING = 200
"""Changes that wait for a listener. One that takes them more slowly reads from the store what it missed."""


class Told(NamedTuple):
    """A change, rendered once for all listeners."""

    change: Change
    position: Position
    text: bytes


class Silence(NamedTuple):
    """The listener has been told of all that it wants to know, up to this position."""

    position: Position


class Resync(NamedTuple):
    """What the listener has missed is not known any more; it goes on from this position."""

    position: Position
    why: ResyncNeeded


Heard = Told | Silence | Resync


@dataclass(eq=False, kw_only=True)
class Listener:
    """Wants the changes of a workspace behind a position, as they come."""

    workspace_id: str
    position: Position
    kinds: Collection[str] | None = None
    conversation_id: str | None = None
    grant: Grant | None = None
    """None for one of whose right to listen only the host knows."""
    since: float = field(default_factory=time.monotonic)
    is_joined: bool = False
    """Whether what happens from now on is offered to it."""
    is_closed: bool = False
    has_missed: bool = True
    pending: deque[Told] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, told: Told) -> None:
        """Have it hear of this change, if it wants to know."""
        change = told.change
        if self.has_missed:  # it will read this, too
            return
        if self.kinds is not None and change.kind not in self.kinds:
            return
        if self.conversation_id not in (None, change.conversation_id):
            return
        self.pending.append(told)
        if len(self.pending) > MOST_PENDING:
            self.miss()
        self.woken.set()

    def miss(self) -> None:
        """Have it read from the store what comes behind its position."""
        self.pending.clear()
        self.has_missed = True
        self.woken.set()

    def close(self) -> None:
        """End what it hears."""
        self.is_closed = True
        self.woken.set()

    async def is_woken(self) -> bool:
        """Whether something happens within the time of a silence."""
        self.woken.clear()
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                await self.woken.wait()
        except TimeoutError:
            return False
        return True


class Relay:
    """Tells the listeners of one loop.

    `render` makes the text of a change, `holding` says which of some grants still hold; both are called on
    the thread.
    """

    def __init__(
        self,
        render: Callable[[Change], bytes],
        holding: Callable[[Collection[Grant]], Collection[Grant]],
    ) -> None:
        self._render, self._holding = render, holding
        self._listeners: set[Listener] = set()
        self._thread: ThreadPoolExecutor | None = None
        self._polling: asyncio.Task[None] | None = None
        self._position: Position | None = None
        """Up to which every change was offered."""
        self._is_away = False

    async def heard_by(self, listener: Listener) -> AsyncGenerator[Heard, None]:
        """What it hears, for as long as it may listen."""
        self._add(listener)
        try:
            while not listener.is_closed:
                if listener.is_joined and listener.has_missed:
                    async for heard in self._missed_by(listener):
                        yield heard
                elif listener.pending:
                    told = listener.pending.popleft()
                    if told.position > listener.position:
                        listener.position = told.position
                        yield told
                elif not await listener.is_woken():
                    yield self._silence(listener)
        finally:
            self._remove(listener)

    def _add(self, listener: Listener) -> None:
        self._listeners.add(listener)
        if self._polling is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="changes")
            # It polls for all listeners, so it takes no context from the first: no actor, no id of a request.
            self._polling = asyncio.get_running_loop().create_task(self._poll(), context=Context())
            self._polling.add_done_callback(self._close_all)

    def _remove(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners and self._thread and self._polling:
            self._polling.cancel()
            self._thread.submit(connections.close_all)
            self._thread.shutdown(wait=False)
            self._thread = self._polling = self._position = None

    def _close_all(self, polling: "asyncio.Task[None]") -> None:
        """After a fault of ours nobody waits for what does not come: clients ask again."""
        if not polling.cancelled() and (error := polling.exception()):
            logger.error("listeners are told of changes no more", exc_info=error)
            for listener in self._listeners:
                listener.close()

    async def _poll(self) -> None:
        check_at, loop = 0.0, asyncio.get_running_loop()
        while True:
            await self._offer_new(list(self._listeners))
            if loop.time() >= check_at:
                check_at = loop.time() + CHECK_SECONDS
                await self._close_unheld()
            await asyncio.sleep(AWAY_SECONDS if self._is_away else POLL_SECONDS)

    async def _offer_new(self, listeners: list[Listener]) -> None:
        """Offer to these what has happened since the last time; those who are new have joined then."""
        if self._position is None:
            text = await self.read(current_position)
            self._position = Position.of(text) if text else None
            return
        workspaces, after = {listener.workspace_id for listener in listeners}, str(self._position)
        try:
            page = await self.read(lambda: _new_page(workspaces, after, self._render))
        except ResyncNeeded as resync:
            self._position = Position.of(resync.position)
            for listener in listeners:
                listener.miss()
            return
        if page is None:
            return
        told, self._position = page
        self._offer(told, listeners)

    def _offer(self, told: list[Told], listeners: list[Listener]) -> None:
        listening = defaultdict(list)
        for listener in listeners:
            listening[listener.workspace_id].append(listener)
            if not listener.is_joined:
                listener.is_joined = True
                listener.woken.set()
        for one in told:
            for listener in listening[one.change.workspace_id]:
                listener.offer(one)

    async def _close_unheld(self) -> None:
        grants = {listener.grant for listener in self._listeners if listener.grant}
        held = await self.read(lambda: self._holding(grants)) if grants else None
        lost = set() if held is None else grants - set(held)
        unchecked_since = time.monotonic() - UNCHECKED_SECONDS
        for listener in self._listeners:
            if listener.grant in lost or (listener.grant is None and listener.since < unchecked_since):
                listener.close()

    async def _missed_by(self, listener: Listener) -> AsyncIterator[Heard]:
        """Page by page what is in the store, once everything newer is offered to it."""
        listener.has_missed, has_more = False, True
        while has_more and not listener.is_closed:
            page = await self.read(lambda: missed_page(listener, self._render))
            if page is None:
                await asyncio.sleep(AWAY_SECONDS)
                continue
            heard, has_more = page
            for one in heard:
                listener.position = one.position
                yield one

    def _silence(self, listener: Listener) -> Silence:
        """Its position moves on with the store, so that it does not grow too old in a silent workspace."""
        if listener.is_joined and self._position:
            listener.position = max(listener.position, self._position)
        return Silence(listener.position)

    async def read(self, read: Callable[[], Result]) -> Result | None:
        """What the thread reads; None while the store is away, of which the log tells once, and where nobody
        listens."""
        if self._thread is None:
            return None
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, _reached, read)
        except (DatabaseError, InterfaceError) as error:
            if not self._is_away:
                logger.warning("listeners are not told of changes: %s", error)
            self._is_away = True
            return None
        self._is_away = False
        return result


def missed_page(listener: Listener, render: Callable[[Change], bytes]) -> tuple[list[Heard], bool]:
    """(What comes behind the position of a listener in the store, whether there is more behind it.)"""
    try:
        page = read_changes(
            workspace_id=listener.workspace_id,
            after=str(listener.position),
            limit=PAGE_CHANGES,
            kinds=listener.kinds,
            conversation_id=listener.conversation_id,
        )
    except ResyncNeeded as resync:
        return [Resync(Position.of(resync.position), resync)], True
    told = [_told(change, render) for change in page.changes]
    return [*told, Silence(Position.of(page.next_position))], page.has_more


def _new_page(
    workspace_ids: Collection[str], after: str, render: Callable[[Change], bytes]
) -> tuple[list[Told], Position]:
    page = read_changes_of_all(workspace_ids, after=after)
    return [_told(change, render) for change in page.changes], Position.of(page.next_position)


def _told(change: Change, render: Callable[[Change], bytes]) -> Told:
    return Told(change, change.position, render(change))


def _reached(read: Callable[[], Result]) -> Result:
    """What is read; a connection that failed is not used again."""
    try:
        return read()
    except (DatabaseError, InterfaceError):
        connections.close_all()
        raise
