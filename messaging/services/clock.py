"""Times: the clock of a conversation, which never goes back, and the times that authors give."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

STEP = timedelta(microseconds=1)
AHEAD = timedelta(minutes=5)
"""By how much the clock of an author may be ahead of this server."""
LATE = timedelta(minutes=5)
"""What is written longer after it was sent is history."""


def later_than(moment: datetime) -> datetime:
    """Now, or just after this moment where that is ahead: of two versions of a row one is the newer."""
    return max(timezone.now(), moment + STEP)


def now_or_later() -> Greatest:
    """Now, by the clock of this machine or of the last writer's, whichever is ahead."""
    return Greatest(F("updated_at"), Value(timezone.now(), output_field=DateTimeField()))


def credible(time: datetime | None) -> datetime | None:
    """The time that an author gives; None for one far ahead, which would date every later message."""
    return None if time is None or time > timezone.now() + AHEAD else time


def is_past(time: datetime) -> bool:
    """Whether what was sent at this time and is written now is history, in place of something new."""
    return time < timezone.now() - LATE


def rising(times: Sequence[datetime | None]) -> Sequence[datetime | None]:
    """By what time each message of one array is listed, given the times that the messages name.

    The order of the array wins over the clocks of the authors: no time is earlier than the one in front of
    it. A message without a credible time takes that of its neighbour: the one in front, else the first that
    follows. Where no message names one, none is listed by one.
    """
    given = [credible(time) for time in times]
    latest = next(filter(None, given), None)
    listed = []
    for time in given:
        if time is not None and latest is not None and time > latest:
            latest = time
        listed.append(latest)
    return listed
