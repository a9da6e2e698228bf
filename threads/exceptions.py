"""What the domain of threads raises, beside the exceptions of `messaging`."""

from messaging.exceptions import Conflict, InvalidValue, NotFound

__all__ = ["ClientIdReused", "ObjectNotFound", "PartNotFound", "RunEnded", "RunNotFound", "ThreadNotFound"]


class ThreadNotFound(NotFound):
    noun = "Thread"


class RunNotFound(NotFound):
    noun = "Run"


class PartNotFound(NotFound):
    noun = "Part"


class ObjectNotFound(NotFound):
    noun = "Object"


class RunEnded(Conflict):
    """What was asked of a run can only be done while it is active."""

    def __init__(self, status: str) -> None:
        super().__init__(f"The run has ended: {status}")


class ClientIdReused(InvalidValue):
    def __init__(self) -> None:
        super().__init__(
            ("body", "id"),
            "This id was used in this thread with another message; a retry must repeat the message",
            "id_reused",
        )
