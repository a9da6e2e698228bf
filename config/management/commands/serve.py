import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import get_resolver

from config.readiness import why_not_ready
from config.serving import jobs, process
from config.serving.memory import give_back_large_blocks
from config.serving.processes import Processes, Work
from config.watching.metrics import FOLDER, count_as


class Command(BaseCommand):
    help = (
        "Serve, in as many processes and threads as the settings say, with a worker for jobs, until SIGTERM."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fd", type=int, help="a listening socket that is open already: 3 under systemd")

    def handle(self, *args: Any, **options: Any) -> None:
        self.check(tags=["parley"])
        give_back_large_blocks()
        listener = _listener(options["fd"])
        # Loaded once and shared by the processes, which keeps their memory small.
        get_resolver().url_patterns  # noqa: B018
        if reason := why_not_ready():
            self.stderr.write(f"Not ready: {reason}. Requests are refused until it is.")
        connections.close_all()
        worker = [jobs.run] if settings.RUN_WORKER else []
        works = [
            partial(_in_slot, slot, work)
            for slot, work in enumerate([process.run] * settings.WEB_CONCURRENCY + worker)
        ]
        # What the processes count lives as long as the service.
        with TemporaryDirectory(prefix="parley-metrics-") as os.environ[FOLDER]:
            code = Processes(listener, works).run()
        sys.exit(code)


def _in_slot(slot: int, work: Work, listener: socket.socket, beat: Callable[[], bool]) -> None:
    count_as(slot)
    work(listener, beat)


def _listener(fd: int | None) -> socket.socket:
    """The socket of `--fd`, or a new one at HOST and PORT. Raises CommandError."""
    try:
        if fd is not None:
            return socket.socket(fileno=fd)
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        return socket.create_server((settings.HOST, settings.PORT), family=family, backlog=process.BACKLOG)
    except (OSError, OverflowError) as error:
        where = f"{settings.HOST}, port {settings.PORT}" if fd is None else f"--fd {fd}"
        raise CommandError(f"Cannot listen on {where}: {error}") from None
