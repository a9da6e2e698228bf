"""Deletes stored answers that no retry can ask for any more."""

from typing import Any

from django.core.management.base import BaseCommand

from messaging.services import forget_old_answers


class Command(BaseCommand):
    help = "Delete the stored answers to Idempotency-Keys that are past their time. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Deleted {forget_old_answers()} answers.")
