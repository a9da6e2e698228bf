"""The closed vocabularies of the store."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ActorKind(TextChoices):
    """Who causes changes."""

    API_KEY = "api_key"
    STAFF = "staff"
    HOST = "host"
    """A caller whom the host's own authentication knows."""


class ChangeKind(TextChoices):
    """What a write did. Another app may record kinds of its own."""

    CONVERSATION_CREATED = "conversation.created"
    CONVERSATION_UPDATED = "conversation.updated"
    CONVERSATION_DELETED = "conversation.deleted"
    """With all that belongs to it."""
    CONVERSATION_REDACTED = "conversation.redacted"
    """What it says of itself, and of whom; its messages are changes of their own."""
    MESSAGES_CREATED = "messages.created"
    MESSAGES_UPDATED = "messages.updated"
    MESSAGES_DELETED = "messages.deleted"
    MESSAGES_REDACTED = "messages.redacted"
    FEEDBACK_CREATED = "feedback.created"
    """What somebody thinks of a message, which is named; so with the others."""
    FEEDBACK_UPDATED = "feedback.updated"
    FEEDBACK_DELETED = "feedback.deleted"
    RUN_CREATED = "run.created"
    RUN_STARTED = "run.started"
    RUN_UPDATED = "run.updated"
    RUN_COMPLETED = "run.completed"
    RUN_FAILED = "run.failed"
    RUN_CANCELLED = "run.cancelled"
    MEMORY_CREATED = "memory.created"
    MEMORY_UPDATED = "memory.updated"
    """Or hidden until it is drawn anew, since a source of it is gone."""
    MEMORY_DELETED = "memory.deleted"
    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_UPDATED = "workspace.updated"


class ConversationStatus(TextChoices):
    """Whether a conversation goes on. None keeps anybody from writing."""

    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")
    ARCHIVED = "archived", _("Archived")


class FeedbackType(TextChoices):
    """What the value of feedback is, as Langfuse calls it, in small letters."""

    NUMERIC = "numeric", _("Numeric")
    CATEGORICAL = "categorical", _("Categorical")
    BOOLEAN = "boolean", _("Boolean")
    TEXT = "text", _("Text")


class KeyStatus(TextChoices):
    """Whether an API key may be used, if it has not expired."""

    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")


class MemoryAction(TextChoices):
    """What made a version of a memory."""

    CREATED = "created", _("Created")
    UPDATED = "updated", _("Updated")
    REPLACED = "replaced", _("Replaced")
    DRAWN_ANEW = "drawn_anew", _("Drawn anew")


class MemoryState(TextChoices):
    """Whether a memory is shown."""

    LIVE = "live", _("Live")
    HIDDEN = "hidden", _("Hidden")
    """Until it is drawn anew: it holds no words meanwhile."""


class Permission(TextChoices):
    """What an API key may do. None includes another: a key that reads and writes carries both."""

    READ = "read"
    WRITE = "write"
    AGENT = "agent"
    """Write a run's output into a locked thread and end the run."""
    ADMIN = "admin"
    """Manage workspaces and API keys."""


class RunStatus(TextChoices):
    """How far a run has come. The last three are its ends."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
"""The states in which a run holds its conversation."""


class JobState(TextChoices):
    """Where a job stands. A scheduled one is queued again after each run."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
"""The states in which a worker may take a job: a running one once its lease has ended."""


class PartType(TextChoices):
    """The seven kinds of typed parts."""

    TEXT = "text", _("Text")
    REASONING = "reasoning", _("Reasoning")
    FILE = "file", _("File")
    DATA = "data", _("Data")
    TOOL_CALL = "tool-call", _("Tool Call")
    TOOL_ERROR = "tool-error", _("Tool Error")
    TOOL_RESULT = "tool-result", _("Tool Result")


class WebhookState(TextChoices):
    """Whether an endpoint is sent the changes that it asked for."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    """Until somebody resumes it; its position stays."""
    DISABLED = "disabled", _("Disabled")
    """By the store, because the endpoint refused or failed for long; its position stays too."""
