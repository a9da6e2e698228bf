"""Corrects the kept counters."""

from typing import Any

from messaging.management.store import StoreCommand
from messaging.services import recount_messages


class Command(StoreCommand):
    help = (
        "Count the messages of every conversation and workspace anew, and correct what lists show. To be run "
        "after messages were written or deleted by SQL, or rows restored into tables whose triggers were at "
        "work. Writers wait meanwhile, a few seconds for a million messages."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Corrected {recount_messages()} conversations.")
