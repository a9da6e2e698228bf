"""One process of the service: a loop, its threads, and what they are given by the settings."""

import asyncio
import gc
import resource
import socket
from collections.abc import Callable

import uvicorn
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connection
from django.http import HttpResponseBase

from config.readiness import readiness
from config.watching import tracing
from config.watching.figures import Figure, figures
from config.wires import dialect_of
from messaging.conf import parley_settings

from .answers import Answer
from .application import Application
from .bodies import Limits
from .deadlines import LEAST_SECONDS, bound_statements
from .door import Door
from .health import Health
from .pool import Pool
from .scraping import Scrapes
from .shares import Shares
from .spool import Budget
from .threads import Threads

__all__ = ["run"]

FILES = 65_536
BACKLOG = 2_048
KEEP_ALIVE_SECONDS, STOP_SECONDS = 75, 30
STREAM_THREADS = 4
BEAT_SECONDS = 1.0
FORM_BYTES = 1024 * 1024
"""What a form may hold besides a file."""


class Server(uvicorn.Server):
    """uvicorn, which takes one connection at a time and ends the streams when it stops."""

    def __init__(self, application: Application) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                loop="asyncio",
                http=Door,
                ws="none",
                lifespan="off",
                interface="asgi3",
                # asyncio takes so many connections at once; what arrives together is for all processes.
                backlog=1,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=STOP_SECONDS,
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
            )
        )
        self.application = application

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            listener.listen(BACKLOG)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        Door.stopping = True
        self.application.stop()
        await super().shutdown(sockets)
        # Here, since uvicorn then ends the process by the signal that it was sent.
        await asyncio.to_thread(tracing.stop)


def run(listener: socket.socket, beat: Callable[[], bool]) -> None:
    """Serve until SIGTERM, or until `beat`, which is called every second, says no."""
    gc.freeze()
    bound_statements()
    tracing.start()
    asyncio.run(_serve(Server(_application()), listener, beat))


async def _serve(server: Server, listener: socket.socket, beat: Callable[[], bool]) -> None:
    beating = asyncio.ensure_future(_beat(server, beat))
    try:
        await server.serve([listener])
    finally:
        beating.cancel()


async def _beat(server: Server, beat: Callable[[], bool]) -> None:
    while beat():
        server.application.show_load()
        await asyncio.sleep(BEAT_SECONDS)
    server.should_exit = True


def _application() -> Application:
    threads, patience = settings.THREADS, settings.QUEUE_SECONDS
    handler = WSGIHandler()
    health = Health(_ask_the_database)
    return Application(
        handler=handler,
        threads=Threads(Pool(threads, patience), Pool(STREAM_THREADS, patience), health),
        health=health,
        scrapes=Scrapes(_figures),
        shares=Shares(
            threads,
            patience=patience,
            lock_patience=max(0.0, settings.LOCK_SECONDS - LEAST_SECONDS),
            single_writer=connection.vendor == "sqlite",
        ),
        limits=_limits,
        spooled=Budget(settings.SPOOL_BYTES),
        connections=min(settings.MAX_CONNECTIONS, open_files() // 2),
    )


def _limits(path: str) -> Limits:
    parley = parley_settings()
    if dialect_of(path):
        return Limits(parley.max_body_bytes)
    return Limits(max(parley.max_body_bytes, parley.import_bytes + FORM_BYTES))


def _ask_the_database() -> Answer:
    """What `/readyz` answers; it keeps its connection."""
    close_old_connections()
    response: HttpResponseBase = readiness()
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    return Answer(response.status_code, headers, b"".join(response))


def _figures() -> list[Figure]:
    """Those of the database; the thread that asks keeps its connection."""
    close_old_connections()
    return figures()


def open_files() -> int:
    """How many files a process may have open, up to FILES, once it may have as many as the machine allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # a system may allow less than it says
            return soft
    return wanted
