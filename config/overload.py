"""Load shedding: connections are balanced over the processes, and late requests are refused at once.

Requests queue for a thread in the order of their arrival. Above capacity the queue would grow until every
client has given up before its turn. A request that has queued too long is therefore refused before any work
is done, with the time after which to retry; a refusal costs next to nothing, so the queue drains.
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
"""A probe asks for the health of the service, not for its load."""
LOG_SECONDS = 10.0
"""The log reports refusals at most this often."""
HAS_CORK = hasattr(socket, "TCP_CORK")
"""Linux holds back partial packets on request."""
GIVE_WAY_SECONDS, GIVE_WAY_UP_TO = 0.0001, 10
"""How long a process leaves a new connection to the others, for each request it serves, up to so many."""
LINGER_MILLISECONDS = 1
"""How long a thread waits for the next request of the connection it has just served."""

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
    """Threads that know how long their work has queued."""

    @property
    def is_awaited(self) -> bool:
        """Whether work waits for a thread."""
        return not self._work_queue.empty()

    def submit(self, work: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        return super().submit(_timed, time.monotonic(), work, *args, **kwargs)


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threaded worker, with such threads.

    A thread lingers on the connection that it has served: a client that sends the next request at once, as
    agents and importers do, saves the way through the main thread. A thread never lingers while work queues.
    """

    def get_thread_pool(self) -> ThreadPoolExecutor:
        return QueueTimingPool(max_workers=self.cfg.threads)

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, unless a process that serves fewer does so first.

        The kernel wakes every process for it. The first to run would take all that arrive together, as when a
        proxy opens its connections, and leave the other processes idle.
        """
        busy = self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns)
        if self.cfg.workers > 1 and busy <= GIVE_WAY_UP_TO:
            time.sleep(busy * GIVE_WAY_SECONDS)
        super().accept(listener)

    def enqueue_req(self, conn: Connection) -> None:
        """Have a thread serve the connection. One that has sent nothing waits without a thread: otherwise a
        few connections that stay silent would occupy all of them."""
        if conn.initialized or conn.data_ready or _asks(conn.sock, 0):
            super().enqueue_req(conn)
            return
        silent: Future[Any] = Future()
        silent.set_result(_DEFER)
        self.finish_request(conn, silent)

    def _cap_keepalive(self, deadline: float) -> None:
        """When the process stops, it closes by then the connections that have sent nothing, too."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def handle(self, conn: Connection) -> object:
        """Serve a request, and those that follow it at once; whether the connection is to be kept."""
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
        """Serve a request. gunicorn sends head and body apart; in one packet they wake the client once."""
        if not HAS_CORK or conn.sock.family not in (socket.AF_INET, socket.AF_INET6):
            return super().handle_request(req, conn)
        conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        try:
            return super().handle_request(req, conn)
        finally:
            with contextlib.suppress(OSError):  # it may be closed
                conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


def refuse_late(application: Application, *, seconds: float, refuse: Refuse) -> Application:
    """The application for requests that have queued no longer than this; others are refused, except probes.

    `refuse` makes the answer from the path and the seconds after which to retry.
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
    """Whether a byte of a request is there, or arrives within this time."""
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(milliseconds))


class _SparseLog:
    """One line at most every LOG_SECONDS, with the number of refusals since the last."""

    def __init__(self) -> None:
        self.count = 0
        self.silent_until = 0.0

    def refused(self, waited: float) -> None:
        self.count += 1
        if (now := time.monotonic()) >= self.silent_until:
            logger.warning("overloaded: %d requests refused, the last after %.1f s", self.count, waited)
            self.count, self.silent_until = 0, now + LOG_SECONDS
