"""Deletes what has served its time: kept answers and windows of the rate limit."""

from typing import Any

from messaging.jobs.upkeep import remove_expired_answers, remove_expired_windows
from messaging.management.store import StoreCommand


class Command(StoreCommand):
    help = (
        "Delete stored answers to Idempotency-Keys that are past their time, and counters of the rate limit "
        "whose window has closed. Each batch is a transaction of its own, so that nobody waits for it. "
        "A worker does the same every hour."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        answers, windows = remove_expired_answers(), remove_expired_windows()
        self.stdout.write(f"Deleted {answers['removed']} answers and {windows['removed']} counters.")
