"""Fails runs that are past their time."""

from typing import Any

from messaging.management.store import StoreCommand
from messaging.services import fail_stale_runs


class Command(StoreCommand):
    help = "Fail the runs that are past their time and unlock their threads, as a worker does every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Failed {fail_stale_runs()} runs.")
