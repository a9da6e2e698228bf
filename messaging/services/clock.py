"""The clock of a conversation, which never goes back."""

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

__all__ = ["now_or_later"]


def now_or_later() -> Greatest:
    """Now, by the clock of this machine or of the last writer's, whichever is ahead."""
    return Greatest(F("updated_at"), Value(timezone.now(), output_field=DateTimeField()))
