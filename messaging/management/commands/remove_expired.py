"""Deletes what has served its time: kept answers and windows of the rate limit."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from messaging.services import remove_old_answers, remove_old_windows


class Command(BaseCommand):
    help = (
        "Delete stored answers to Idempotency-Keys that are past their time, and counters of the rate limit "
        "whose window has closed. Each batch is a transaction of its own, so that nobody waits for it. "
        "Run it daily."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(
            f"Deleted {_all(remove_old_answers)} answers and {_all(remove_old_windows)} counters."
        )


def _all(remove_batch: Callable[[], int]) -> int:
    """Remove batch by batch until there is none left; returns how many rows there were."""
    total = 0
    while removed := remove_batch():
        total += removed
    return total
