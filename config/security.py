"""The security log: who was let in, who was refused; a key by its public part, a name without line breaks."""

import logging
import re
import time
from collections import Counter
from collections.abc import Hashable

from django.conf import settings
from django.http import HttpRequest

from messaging.values.keys import public_prefix

__all__ = ["Refusals", "Suspicions", "address_of", "forwarded_address", "logged_in", "login_refused"]

logger = logging.getLogger("config.security")

ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,45}")
LOG_SECONDS = 10.0
"""How often at most the log tells of refusals of one kind."""
MOST_OF_A_REASON = 200


def forwarded_address(header: str) -> str | None:
    """The address that the nearest proxy has added to `X-Forwarded-For`; None for what is none."""
    address = header.rpartition(",")[2].strip()
    return address if ADDRESS.fullmatch(address) else None


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; what the proxy says of it, where there is a trusted one."""
    if settings.BEHIND_PROXY and (told := forwarded_address(request.headers.get("X-Forwarded-For", ""))):
        return told
    return str(request.META.get("REMOTE_ADDR", ""))


def logged_in(request: HttpRequest, name: str) -> None:
    """A member of staff has logged in."""
    logger.info("login of %a from %s", name, address_of(request))


def login_refused(request: HttpRequest, name: str, reason: str) -> None:
    """Somebody tried to log in as staff."""
    logger.warning("login of %a from %s refused: %s", name, address_of(request), reason)


class Told:
    """Events by kind: counted, and told at most every few seconds."""

    def __init__(self) -> None:
        self.count: Counter[Hashable] = Counter()
        self._told: Counter[Hashable] = Counter()
        self._silent_until: dict[Hashable, float] = {}

    def note(self, kind: Hashable) -> int:
        """Count an event; how many the log is to tell of with it, 0 while it is to be silent."""
        self.count[kind] += 1
        now = time.monotonic()
        if now < self._silent_until.get(kind, 0.0):
            return 0
        self._silent_until[kind] = now + LOG_SECONDS
        more = self.count[kind] - self._told[kind]
        self._told[kind] = self.count[kind]
        return more


class Refusals:
    """Answers of 401 and 403."""

    def __init__(self) -> None:
        self._events = Told()

    @property
    def count(self) -> Counter[Hashable]:
        """How many there were, by status."""
        return self._events.count

    def note(self, *, status: int, path: str, address: str, authorization: str) -> None:
        """Note an answer; `authorization` is what the request carried, of which the public part is told."""
        if more := self._events.note(status):
            told = (more, status, address, public_prefix(authorization.rpartition(" ")[2]) or "no key", path)
            logger.warning("%d answers of %d, the last to %s with %s for %a", *told)


class Suspicions(logging.Handler):
    """What Django reports below `django.security`, a host that is not ours or a form that was tampered with.

    Anybody can send such requests as fast as the network carries them, so the log gets a line every few
    seconds for each kind, and no traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told = Told()

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.name.rpartition(".")[2]
        if more := self._told.note(kind):
            request: HttpRequest | None = getattr(record, "request", None)
            address = address_of(request) if request else ""
            reason = record.getMessage()[:MOST_OF_A_REASON]
            logger.warning(
                "%d requests refused as %s, the last from %s: %a", more, kind, address or "nowhere", reason
            )
