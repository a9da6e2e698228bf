"""The order of an array wins over the clocks of those who wrote its messages."""

from collections.abc import Sequence
from datetime import datetime


def rising(times: Sequence[datetime | None]) -> Sequence[datetime | None]:
    """By what time each message of one array is listed, given the times that the messages name.

    None is earlier than the one in front of it. A message without a time takes that of its neighbour: the
    one in front, else the first that follows. Where no message names a time, none is listed by one.
    """
    latest = next(filter(None, times), None)
    listed = []
    for time in times:
        if time is not None and latest is not None and time > latest:
            latest = time
        listed.append(latest)
    return listed
