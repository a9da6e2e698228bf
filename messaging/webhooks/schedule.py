"""When a failed attempt is repeated: the schedule that Standard Webhooks gives as its example."""

import random
from datetime import timedelta

from .sending import Reply

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""After the first failure in a row, the second, and so on."""
LONGEST_JITTER = 0.2
"""Of the delay, which is never cut short: endpoints that come back do not get everything at once."""
OVERLOADED = frozenset({429, 502, 504})
LONGEST_WISH = timedelta(days=1)
OF_OVERLOADED = timedelta(minutes=1)
"""The shortest delay for an endpoint that says that it has too much to do."""


def delay_after(failures: int, reply: Reply) -> timedelta | None:
    """How long to wait after so many failures in a row, the last of them this; None to give up."""
    if failures > len(DELAYS):
        return None
    delay: timedelta = DELAYS[failures - 1] * random.uniform(1, 1 + LONGEST_JITTER)  # noqa: S311  no secret
    if reply.status in OVERLOADED:
        delay = max(delay, OF_OVERLOADED)
    if reply.retry_after is not None:
        delay = max(delay, min(timedelta(seconds=min(reply.retry_after, 1e6)), LONGEST_WISH))
    return delay
