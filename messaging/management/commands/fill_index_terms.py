"""Fills index keys of rows that other programs wrote."""

from typing import Any

from messaging.index.filling import fill_index_terms
from messaging.management.store import StoreCommand
from messaging.models import Conversation, Message
from messaging.services.transactions import write_database


class Command(StoreCommand):
    help = (
        "Let searches and filters by tag, meta data or collection find what was written behind Parley's "
        "back: by a server of a version before there were index terms, by SQL, or by loaddata. Reads every "
        "row and writes those whose terms are not those of what they hold. Run it after an upgrade during "
        "which old processes went on, once the last of them is gone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        number = sum(fill_index_terms(model, write_database()) for model in (Conversation, Message))
        self.stdout.write(f"Filled {number} rows.")
