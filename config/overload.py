"""Sharing out connections and threads; what could only be answered late, beyond capacity, is refused at once.

Requests wait for a thread in the order they came. Where more come than are served, everyone would wait ever
longer, until all that is served is what nobody waits for any more. So whoever has waited too long is told
when to come back, before any work is done; that takes a fraction of a millisecond, and those behind get on.
"""

import contextlib
import logging
import math
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from django.http import HttpResponse
from gunicorn.workers.gthread import _DEFER, ThreadWorker

__all__ = ["QueueTimingPool", "Worker", "refuse_late"]

logger = logging.getLogger(__name__)

PROBES = ("/livez", "/readyz")
"""Whoever runs the service shall hear how it is, not how busy."""
LOG_SECONDS = 10.0
"""The log hears of it so often at most."""
HOLDS_TOGETHER = hasattr(socket, "TCP_CORK")
"""Linux does."""
GIVE_WAY_SECONDS, GIVE_WAY_UP_TO = 0.0001, 10
"""So long a process leaves a new connection to others for each it answers. With more it has work anyway."""
LINGER_MILLISECONDS = 1
"""So long a thread waits for the next request of the connection it has just served."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Connection(Protocol):
    """What is used of a connection of gunicorn's threaded worker."""

    sock: socket.socket
    initialized: bool
    data_ready: bool
    timeout: float


Refuse = Callable[[str, int], HttpResponse]
_thread = threading.local()
Result = TypeVar("Result")


class QueueTimingPool(ThreadPoolExecutor):
    """Threads that know how long the work they do has waited for one of them."""

    @property
    def is_awaited(self) -> bool:
        """Whether work waits for a thread."""
        return not self._work_queue.empty()

    def submit(self, work: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        return super().submit(_timed, time.monotonic(), work, *args, **kwargs)


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threaded worker, with those threads.

    A thread that has answered stays with its connection for a moment: of a client that asks again at once,
    as agents and importers do, the main thread need not take the connection back and hand it out anew. That
    took 0.3 ms of each request, a fifth of a create. Nobody waits for such a thread: it goes where work is.
    """

    def get_thread_pool(self) -> ThreadPoolExecutor:
        return QueueTimingPool(max_workers=self.cfg.threads)

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, unless a process that answers fewer does so first.

        All processes are woken for it, and the first to run would take whatever comes at once, as when a
        proxy opens its connections: often one of two processes served all of eight clients, 900 messages a
        second where both together store 1,250.
        """
        busy = self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns)
        if self.cfg.workers > 1 and busy <= GIVE_WAY_UP_TO:
            time.sleep(busy * GIVE_WAY_SECONDS)
        super().accept(listener)

    def enqueue_req(self, conn: Connection) -> None:
        """Have a thread answer the connection. One that says nothing yet waits without a thread, which it
        would hold for five seconds: a few that never speak would silence everyone."""
        if conn.initialized or conn.data_ready or _asks(conn.sock, 0):
            super().enqueue_req(conn)
            return
        silent: Future[Any] = Future()
        silent.set_result(_DEFER)
        self.finish_request(conn, silent)

    def _cap_keepalive(self, deadline: float) -> None:
        """When the process stops: close by then, too, what has not said anything yet."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def handle(self, conn: Connection) -> object:
        """Answer a request, and those that follow it at once; whether the connection is to be kept."""
        keep: object = super().handle(conn)
        while (
            keep is True
            and self.alive
            and not self.tpool.is_awaited
            and _asks(conn.sock, LINGER_MILLISECONDS)
        ):
            _thread.waited = 0.0
            keep = super().handle(conn)
        return keep

    def handle_request(self, req: object, conn: Connection) -> object:
        """Answer a request. gunicorn sends head and body one by one; held together they wake the client once,
        which saves both sides 15 µs each."""
        if not HOLDS_TOGETHER or conn.sock.family not in (socket.AF_INET, socket.AF_INET6):
            return super().handle_request(req, conn)
        conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        try:
            return super().handle_request(req, conn)
        finally:
            with contextlib.suppress(OSError):  # it may be closed
                conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


def refuse_late(application: Application, *, seconds: float, refuse: Refuse) -> Application:
    """The application for those who have waited no longer than this; the others are refused, not the probes.

    `refuse` makes the answer from the path and the seconds after which to come back.
    """
    log, retry_after = _SparseLog(), max(1, math.ceil(seconds))

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        waited = getattr(_thread, "waited", 0.0)
        if waited <= seconds or environ["PATH_INFO"] in PROBES:
            return application(environ, start_response)
        log.refused(waited)
        refusal = refuse(environ["PATH_INFO"], retry_after)
        headers = [*refusal.items(), ("Content-Length", str(len(refusal.content)))]
        start_response(f"{refusal.status_code} {refusal.reason_phrase}", headers)
        return [refusal.content]

    return serve


def _timed(since: float, work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    _thread.waited = time.monotonic() - since
    return work(*args, **kwargs)


def _asks(sock: socket.socket, milliseconds: int) -> bool:
    """Whether something of a request is there, or comes within this time."""
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(milliseconds))


class _SparseLog:
    """One line now and then, with how many were refused since the last."""

    def __init__(self) -> None:
        self.count = 0
        self.silent_until = 0.0

    def refused(self, waited: float) -> None:
        self.count += 1
        if (now := time.monotonic()) >= self.silent_until:
            logger.warning("overloaded: %d requests refused, the last after %.1f s", self.count, waited)
            self.count, self.silent_until = 0, now + LOG_SECONDS
