"""The clock of a conversation, which never goes back."""

from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

STEP = timedelta(microseconds=1)


def later_than(moment: datetime) -> datetime:
    """Now, or just after this moment where that is ahead: of two versions of a row one is the newer."""
    return max(timezone.now(), moment + STEP)


def now_or_later() -> Greatest:
    """Now, by the clock of this machine or of the last writer's, whichever is ahead."""
    return Greatest(F("updated_at"), Value(timezone.now(), output_field=DateTimeField()))
