"""Everything the domain raises. `messaging.wire.errors` alone turns these into statuses and bodies."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _


class ParleyError(Exception):
    """Base of all. `str(error)` is written for the person who made the request, in English.

    `message` and `params` are what it was made of, so that the admin can say it in other languages.
    """

    def __init__(self, message: str = "", **params: object) -> None:
        super().__init__(message % params if params else message)
        self.message, self.params = message, params


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


class FeedbackNotFound(NotFound):
    noun = "Feedback"


class MemoryNotFound(NotFound):
    noun = "Memory"


class ItemNotFound(NotFound):
    noun = "Item"


class AnswerDeleted(NotFound):
    """A retry of a request whose outcome was deleted since: neither repeated nor shown."""

    def __init__(self) -> None:
        super().__init__("What this request stored was deleted since; another key or id stores it again")


class Conflict(ParleyError):
    """The request is sound, but not in the present state of what it names."""


class ConversationLocked(Conflict):
    """A run holds the conversation and another wants to write, or a run that no longer holds it does."""

    def __init__(self, holder: str | None) -> None:
        if holder:
            held = _("Locked by %(holder)s; only that run may write here until it ends")
            super().__init__(held, holder=holder)
        else:
            super().__init__(_("This run has ended and may not write any more"))


class ConversationGrew(Conflict):
    """Others wrote into a conversation while a message was made that depends on what it holds."""

    def __init__(self) -> None:
        super().__init__(_("Others are writing into this conversation; read it anew and try again"))


class ExternalIdTaken(Conflict):
    """Another conversation of the workspace has this id of the caller's own."""

    def __init__(self, conversation_id: str) -> None:
        super().__init__(f"The conversation {conversation_id} has this external_id")
        self.conversation_id = conversation_id


class ApiKeyMade(Conflict):
    """The request was made before: its key is there, and its secret was shown then."""

    def __init__(self) -> None:
        super().__init__(_("This key is made already; its secret is not shown again"))


class WebhookMade(Conflict):
    """The same of a webhook."""

    def __init__(self) -> None:
        super().__init__(_("This webhook is made already; its secret is not shown again"))


class ChangedMeanwhile(Conflict):
    """Somebody else gave the row new values since the caller saw it. `fields` are the columns that differ."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(_("Changed by somebody else meanwhile: %(fields)s"), fields=", ".join(fields))
        self.fields = tuple(fields)


class MessageRedacted(Conflict):
    """What was redacted stays so: no writer brings it back."""

    def __init__(self) -> None:
        super().__init__(_("The message was redacted; what it said cannot be written again"))


class MessageSuperseded(Conflict):
    """Another message took its place already, or that of one in front of it: only one can."""

    def __init__(self, superseded_by: str) -> None:
        super().__init__(_("%(superseder)s took its place"), superseder=superseded_by)


class MemorySourcesGone(Conflict):
    """Messages from which memories were to be drawn are gone or redacted, or are not of their user any more.

    `message_ids` are those. Whoever draws reads the others again.
    """

    def __init__(self, message_ids: Sequence[str]) -> None:
        super().__init__(_("Gone or redacted meanwhile: %(messages)s"), messages=", ".join(message_ids))
        self.message_ids = tuple(message_ids)


class MemoriesChanged(Conflict):
    """Memories that an extractor was shown are no longer what it saw. `memory_ids` are those."""

    def __init__(self, memory_ids: Sequence[str]) -> None:
        super().__init__(_("Changed meanwhile: %(memories)s"), memories=", ".join(memory_ids))
        self.memory_ids = tuple(memory_ids)


class Referred(Conflict):
    """A host's own rows refer to what was to be deleted, and forbid that."""

    def __init__(self) -> None:
        super().__init__(_("Rows of another app refer to it, so it cannot be deleted"))


class WorkspaceNotEmpty(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "The workspace holds conversations or memories; delete it with ?force=true to delete them too"
        )


class PermissionMissing(ParleyError):
    """The key is known, and may not do this."""


class InvalidValue(ParleyError):
    """One value the domain refuses. `loc` is where the wire carried it, outermost first; `hint` says what the
    caller may have meant."""

    def __init__(
        self,
        loc: Sequence[str | int],
        message: str,
        kind: str = "value_error",
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.loc = tuple(loc)
        self.kind = kind
        self.hint = hint


class MemoryKnown(InvalidValue):
    """Another memory of the user says the same."""

    def __init__(self, memory_id: str) -> None:
        super().__init__(("body", "memory"), f"The memory {memory_id} says this already", "memory_known")
        self.memory_id = memory_id


class TooManyMemories(InvalidValue):
    """The user has as many as `MAX_MEMORIES` allows."""

    def __init__(self, most: int) -> None:
        message = f"A user has at most {most} memories; delete some before you add others"
        super().__init__(("body", "user_id"), message, "too_many_memories")


class SlugTaken(Conflict, InvalidValue):
    """The value is sound, and another workspace has it."""

    def __init__(self) -> None:
        super().__init__(("body", "slug"), _("Another workspace has this slug"), "slug_taken")


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


class ItemIdTaken(InvalidValue):
    """Another item of the conversation has this id."""

    def __init__(self, item_id: str) -> None:
        super().__init__(
            ("body", "items"),
            f"Duplicate item found with id {item_id}, and it says something else",
            "duplicate",
        )


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
        super().__init__(_("Rate limit exceeded"))
        self.retry_after = retry_after


class StorageUnavailable(ParleyError):
    """The storage of large values is full, read-only, away or too slow. The cause is what it raised."""

    def __init__(self) -> None:
        super().__init__(_("The storage of large values is not available"))


class ExtractorUnavailable(ParleyError):
    """What draws memories does not answer now, or nothing of use. The cause is what it raised."""

    def __init__(self) -> None:
        super().__init__("What draws memories does not answer now")


class RunNotFound(NotFound):
    noun = "Run"


class StepNotFound(NotFound):
    noun = "Step"


class PartNotFound(NotFound):
    noun = "Part"


class ObjectNotFound(NotFound):
    noun = "Object"


class RunEnded(Conflict):
    """What was asked of a run can only be done while it is active."""

    def __init__(self, status: str) -> None:
        super().__init__(_("The run has ended: %(status)s"), status=status)


class ClientIdReused(InvalidValue):
    def __init__(self) -> None:
        super().__init__(
            ("body", "id"),
            "This id was used in this thread with another message; a retry must repeat the message",
            "id_reused",
        )
