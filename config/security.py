"""The security log: who was let in, who was refused; a key by its public part, a name without line breaks."""

import logging
import time
from collections import Counter

from django.conf import settings
from django.http import HttpRequest

from messaging.values.keys import public_prefix

__all__ = ["Refusals", "address_of", "logged_in", "login_refused"]

logger = logging.getLogger("config.security")

LOG_SECONDS = 10.0
"""How often at most the log tells of refusals of one kind."""


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; what the proxy says of it, where there is a trusted one."""
    if settings.BEHIND_PROXY and (forwarded := request.headers.get("X-Forwarded-For")):
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def logged_in(request: HttpRequest, name: str) -> None:
    """A member of staff has logged in."""
    logger.info("login of %a from %s", name, address_of(request))


def login_refused(request: HttpRequest, name: str, reason: str) -> None:
    """Somebody tried to log in as staff."""
    logger.warning("login of %a from %s refused: %s", name, address_of(request), reason)


class Refusals:
    """Answers of 401 and 403, counted, and told in a line at most every few seconds."""

    def __init__(self) -> None:
        self.count: Counter[int] = Counter()
        self._told: Counter[int] = Counter()
        self._silent_until: dict[int, float] = {}

    def note(self, *, status: int, path: str, address: str, authorization: str) -> None:
        """Note an answer; `authorization` is what the request carried, of which the public part is told."""
        self.count[status] += 1
        now = time.monotonic()
        if now < self._silent_until.get(status, 0.0):
            return
        self._silent_until[status] = now + LOG_SECONDS
        more = self.count[status] - self._told[status]
        self._told[status] = self.count[status]
        key = public_prefix(authorization.rpartition(" ")[2]) or "no key"
        logger.warning("%d answers of %d, the last to %s with %s for %a", more, status, address, key, path)
