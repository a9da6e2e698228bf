"""Counts tokens anew."""

from typing import Any

from messaging.management.store import StoreCommand
from messaging.services import recount_tokens


class Command(StoreCommand):
    help = (
        "Let the present counter of tokens (TOKEN_COUNTER) count the messages that another one has counted, "
        "so that budgets are kept by one measure. The counts of writers stay. Reads the texts of every such "
        "message; others may write meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Counted {recount_tokens()} messages.")
