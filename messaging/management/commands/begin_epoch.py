"""Tells every reader of changes to read the state anew."""

from typing import Any

from messaging.management.store import StoreCommand
from messaging.services import begin_epoch


class Command(StoreCommand):
    help = (
        "Forget all changes, so that every reader of them reads the state anew. Run it once after a restore "
        "to an earlier moment: the store hands out numbers again that readers know already."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Forgot {begin_epoch()} changes.")
