"""Tells every reader of changes to read the state anew."""

from typing import Any

from django.core.management.base import BaseCommand

from messaging.services import begin_epoch


class Command(BaseCommand):
    help = (
        "Forget all changes, so that every reader of them reads the state anew. Run it once after a restore "
        "to an earlier moment: the store hands out numbers again that readers know already."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Forgot {begin_epoch()} changes.")
