"""The ASGI application in front of Django's WSGI handler.

The loop reads a request whole before a thread is taken, and sends the answer after the thread is free, so
only Django's own work occupies one. The loop itself answers the probes, and refuses what it cannot serve.

A view whose answer is a `StreamingHttpResponse` over an asynchronous iterator is called on a thread like any
other, with everything that this brings: keys, permissions, errors. The loop then runs the iterator, and the
open answer occupies neither a thread nor a connection to the database.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import IO, Any

from django.db import connections

from config.security import Refusals
from config.watching.metrics import count_wait, show_load
from config.watching.records import ENVIRON, Record, recording

from .answers import Answer, send_answer, send_pieces
from .bodies import Limits, read_body
from .deadlines import lock_wait_shortened_by
from .door import Door, current_door
from .environ import environ_of
from .exchange import Exchange, first_of
from .health import Health
from .memory import LARGE, give_back_freed
from .reasons import Full, Gone, TooSlowToRead, Unread, Unserved
from .refusing import refuse
from .scraping import Scrapes
from .shares import Shares
from .spool import Budget, Spool
from .threads import Threads
from .wsgi import Handler, Streamed, answer_of

__all__ = ["Application"]

logger = logging.getLogger(__name__)

PLAIN = [(b"content-type", b"text/plain"), (b"content-length", b"2"), (b"cache-control", b"no-store")]
ALIVE = Answer(200, PLAIN, b"ok")


@dataclass(kw_only=True)
class Application:
    """Serves HTTP. It is made on the loop that runs it."""

    handler: Handler
    threads: Threads
    health: Health
    scrapes: Scrapes
    shares: Shares
    limits: Callable[[str], Limits]
    """What the body of a request for this path may be."""
    spooled: Budget
    connections: int
    """How many the process may have; those that are opened beyond are refused and closed."""

    refusals: Refusals = field(default_factory=Refusals)

    def __post_init__(self) -> None:
        self._live: set[asyncio.Timeout] = set()
        self._is_stopping = False

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        exchange = Exchange(scope, receive, send, current_door())
        with recording(exchange.record):
            try:
                await self._serve(exchange)
            except Gone:
                pass
            except TooSlowToRead:
                exchange.door.cut()
            except Exception:
                logger.exception("An answer broke off")
                exchange.door.cut()
            finally:
                self._note(exchange)
                exchange.door.answered()

    def show_load(self) -> None:
        """Tell the metrics what the process is occupied with."""
        show_load(connections=Door.open_doors, streams=len(self._live), threads_busy=self.threads.busy)

    def stop(self) -> None:
        """End the answers that have no end of their own; every other is served."""
        self._is_stopping = True
        for live in self._live:
            if not live.expired():
                live.reschedule(0)

    def _note(self, exchange: Exchange) -> None:
        exchange.report()
        if exchange.status in (401, 403):
            self.refusals.note(
                status=exchange.status,
                path=exchange.path,
                address=exchange.client,
                authorization=exchange.credential,
            )

    async def _serve(self, exchange: Exchange) -> None:
        try:
            answer = await self._answer(exchange)
        except Unread as error:
            await send_answer(refuse(exchange.path, error), exchange.send, discard=exchange.discard)
            return
        except Unserved as error:
            answer = refuse(exchange.path, error)
        if isinstance(answer, Answer):
            await send_answer(answer, exchange.send)
        elif answer.is_live:
            await self._send_live(answer, exchange)
        else:
            await self._send_streamed(answer, exchange)

    async def _answer(self, exchange: Exchange) -> Answer | Streamed:
        if exchange.is_probe("/livez"):
            return ALIVE
        if exchange.is_probe("/readyz"):
            return await self.health.answer()
        if self.scrapes.is_for(exchange.scope):
            return await self.scrapes.answer()
        if exchange.door.number > self.connections:
            raise Full
        body = await self._body(exchange)
        exchange.is_whole()
        work = partial(self._on_thread, exchange, body)
        answer: Answer | Streamed = await self.threads.serve(work, *self.shares.of(exchange.scope, body))
        return answer

    async def _body(self, exchange: Exchange) -> IO[bytes]:
        announced = exchange.announced
        if announced is None:
            return BytesIO()
        limits = self.limits(exchange.path)
        return await read_body(exchange.receive, exchange.door, limits, announced=announced)

    def _on_thread(self, exchange: Exchange, body: IO[bytes], waited: float) -> Answer | Streamed:
        count_wait(waited)
        environ = environ_of(exchange.scope, body) | {ENVIRON: exchange.record}
        with recording(exchange.record), lock_wait_shortened_by(waited):
            answer = answer_of(self.handler, environ, body)
        if _is_large(exchange, answer):
            give_back_freed()
        return answer

    async def _send_live(self, answer: Streamed, exchange: Exchange) -> None:
        """Send what the iterator gives until it ends, the client goes, or the process stops.

        All of that happens in the one task of the request, since each more would cost every listener memory.
        """
        pieces: AsyncIterator[bytes] = aiter(answer.response)  # type: ignore[arg-type]  # it is one over such an iterator
        is_over = self._is_stopping or exchange.door.ended.is_set()
        live = exchange.door.waiting = asyncio.timeout(0 if is_over else None)
        self._live.add(live)
        try:
            async with live:
                await send_pieces(answer.status, answer.headers, pieces, exchange.send)
        except TimeoutError:
            if not live.expired():
                raise
            if not exchange.status:
                raise Gone from None
            await exchange.send({"type": "http.response.body"})
        finally:
            exchange.door.waiting = None
            self._live.discard(live)

    async def _send_streamed(self, answer: Streamed, exchange: Exchange) -> None:
        spool = Spool(self.spooled)
        try:
            job = self.threads.stream(partial(_make, answer, spool, exchange.record))
            await first_of(asyncio.shield(job.result), spool.begun.wait())
            if job.result.done():
                job.result.result()
            await send_pieces(answer.status, answer.headers, spool.pieces(), exchange.send)
        except Unserved as error:
            await send_answer(refuse(exchange.path, error), exchange.send)
        finally:
            spool.close()


def _is_large(exchange: Exchange, answer: Answer | Streamed) -> bool:
    """Whether a body or its answer is; a body that does not say how long it is may be."""
    if exchange.announced == 0 or (exchange.announced or 0) > LARGE:
        return True
    return isinstance(answer, Answer) and len(answer.body) > LARGE


def _make(answer: Streamed, spool: Spool, record: Record, waited: float) -> None:
    """Make the body; on a thread, whose connection to the database ends with it."""
    try:
        with recording(record):
            spool.fill(answer.response)
    finally:
        answer.response.close()
        connections.close_all()
