from typing import Any

from django.core.management.base import BaseCommand

from messaging.models import Conversation, Message
from messaging.models.filling import fill_index_terms
from messaging.services.transactions import write_database


class Command(BaseCommand):
    help = (
        "Let the filters by tag and meta data find what a server of an older version, which wrote no index "
        "terms, wrote after the migration that brought them. Run it once the last such server is gone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        number = sum(fill_index_terms(model, write_database()) for model in (Conversation, Message))
        self.stdout.write(f"Filled {number} rows.")
