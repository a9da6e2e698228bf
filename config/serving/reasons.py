"""Why a request is not served as it came."""

__all__ = [
    "Away",
    "Broken",
    "Full",
    "Gone",
    "HeadTooLarge",
    "Late",
    "TooLarge",
    "TooSlow",
    "TooSlowToRead",
    "UnknownMethod",
    "Unread",
    "Unserved",
    "UrlTooLong",
]


class Unserved(Exception):
    """No thread takes the request."""


class Late(Unserved):
    """No thread was free in time; the work has not begun, and never will. `waited` is in seconds."""

    def __init__(self, waited: float) -> None:
        super().__init__(f"waited {waited:.1f} s")
        self.waited = waited


class Away(Unserved):
    """The database does not answer; what a thread asked of it may still be done later."""


class Full(Unserved):
    """The process has as many connections as it may have."""


class Unread(Exception):
    """The request was not read to its end."""


class UnknownMethod(Unread):
    """No wire has this method, nor does HTTP."""


class UrlTooLong(Unread):
    """The request line alone is longer than a head may be."""


class HeadTooLarge(Unread):
    """The head of the request is longer than it may be."""


class TooLarge(Unread):
    """The body is longer than `limit`, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class TooSlow(Unread):
    """The body came slower than it must."""


class Broken(Unread):
    """The client said that it sends no more before the body was complete."""


class Gone(Exception):
    """The client has gone away."""


class TooSlowToRead(Exception):
    """The client takes the answer slower than it must."""
