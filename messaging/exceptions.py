"""Everything the domain raises. `messaging.wire.errors` alone turns these into statuses and bodies."""

from collections.abc import Sequence


class ParleyError(Exception):
    """Base of all. `str(error)` is written for the person who made the request."""


class NotFound(ParleyError):
    """Absent, or of another workspace: callers cannot tell, and must not."""

    noun = "Object"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or f"{self.noun} not found")


class WorkspaceNotFound(NotFound):
    noun = "Workspace"


class ApiKeyNotFound(NotFound):
    noun = "API key"


class WebhookNotFound(NotFound):
    noun = "Webhook"


class ConversationNotFound(NotFound):
    noun = "Conversation"


class MessageNotFound(NotFound):
    noun = "Message"


class AnswerDeleted(NotFound):
    """A retry of a request whose outcome was deleted since: neither repeated nor shown."""

    def __init__(self) -> None:
        super().__init__("What this request stored was deleted since; another key or id stores it again")


class Conflict(ParleyError):
    """The request is sound, but not in the present state of what it names."""


class ConversationLocked(Conflict):
    """A run holds the conversation and another wants to write, or a run that no longer holds it does."""

    def __init__(self, holder: str | None) -> None:
        super().__init__(
            f"Locked by {holder}; only that run may write here until it ends"
            if holder
            else "This run has ended and may not write any more"
        )


class ApiKeyMade(Conflict):
    """The request was made before: its key is there, and its secret was shown then."""

    def __init__(self) -> None:
        super().__init__("This key is made already; its secret is not shown again")


class ChangedMeanwhile(Conflict):
    """Somebody else gave the row new values since the caller saw it. `fields` are the columns that differ."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(f"Changed by somebody else meanwhile: {', '.join(fields)}")
        self.fields = tuple(fields)


class MessageRedacted(Conflict):
    """What was redacted stays so: no writer brings it back."""

    def __init__(self) -> None:
        super().__init__("The message was redacted; what it said cannot be written again")


class WorkspaceNotEmpty(Conflict):
    def __init__(self) -> None:
        super().__init__("The workspace holds conversations; delete it with ?force=true to delete them too")


class PermissionMissing(ParleyError):
    """The key is known, and may not do this."""


class InvalidValue(ParleyError):
    """One value the domain refuses. `loc` is where the wire carried it, outermost first."""

    def __init__(self, loc: Sequence[str | int], message: str, kind: str = "value_error") -> None:
        super().__init__(message)
        self.loc = tuple(loc)
        self.kind = kind


class InvalidPosition(InvalidValue):
    """Not the position of any change."""

    def __init__(self, loc: tuple[str, ...] = ("query", "after")) -> None:
        super().__init__(
            loc,
            "This is no position: give the `id` of a change, or `next_cursor` of a page of changes",
            "position_invalid",
        )


class ResyncNeeded(ParleyError):
    """Which changes follow a position is not known any more.

    The reader takes `position`, reads the state itself, and then the changes after that position.
    """

    def __init__(self, reason: str, position: str) -> None:
        super().__init__(
            f"{reason}: read the state anew, and then the changes after the position in `next_cursor`"
        )
        self.reason, self.position = reason, position


class IdempotencyKeyReused(InvalidValue):
    def __init__(self) -> None:
        super().__init__(
            ("header", "Idempotency-Key"),
            "This key was used with another request; a retry must repeat the request byte for byte",
            "idempotency_key_reused",
        )


class RateLimited(ParleyError):
    """Over the limit. `retry_after` is in whole seconds, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Rate limit exceeded")
        self.retry_after = retry_after


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
