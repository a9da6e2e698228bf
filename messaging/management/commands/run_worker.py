"""Runs jobs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from messaging.jobs import Worker
from messaging.jobs.process import run_process
from messaging.jobs.registry import kinds
from messaging.management.store import StoreCommand


class Command(StoreCommand):
    help = (
        "Run the jobs of the store when they are due, until SIGTERM or SIGINT. Any number of workers may run "
        "at once: each job is run by one of them, and taken over from one that dies."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="run what is due now, and end")
        parser.add_argument("--jobs", metavar="KIND,...", help="run jobs of these kinds alone")
        parser.add_argument(
            "--threads", type=int, default=2, help="how many jobs run at once (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(_chosen(options["jobs"]), threads=options["threads"])
        run_process(worker, once=options["once"])
        if options["once"] and worker.has_failed:
            raise CommandError("the table of jobs could not be reached")


def _chosen(text: str | None) -> list[str] | None:
    """The kinds that were named. Raises CommandError for one that nobody registered."""
    names = None if text is None else text.split(",")
    if unknown := set(names or ()) - set(kinds()):
        raise CommandError(
            f"no such job: {', '.join(sorted(unknown))}. There are {', '.join(sorted(kinds()))}"
        )
    return names
