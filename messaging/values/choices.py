"""The closed vocabularies of the store."""

from django.db.models import TextChoices


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
    """Its title or summary; its messages are changes of their own."""
    MESSAGES_CREATED = "messages.created"
    MESSAGES_UPDATED = "messages.updated"
    MESSAGES_DELETED = "messages.deleted"
    MESSAGES_REDACTED = "messages.redacted"
    RUN_CREATED = "run.created"
    RUN_STARTED = "run.started"
    RUN_UPDATED = "run.updated"
    RUN_COMPLETED = "run.completed"
    RUN_FAILED = "run.failed"
    RUN_CANCELLED = "run.cancelled"
    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_UPDATED = "workspace.updated"


class ConversationStatus(TextChoices):
    """Whether a conversation goes on. None keeps anybody from writing."""

    ACTIVE = "active"
    ENDED = "ended"
    ARCHIVED = "archived"


class KeyStatus(TextChoices):
    """Whether an API key may be used, if it has not expired."""

    ACTIVE = "active"
    INACTIVE = "inactive"


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

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
"""The states in which a run holds its conversation."""


class JobState(TextChoices):
    """Where a job stands. A scheduled one is queued again after each run."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
"""The states in which a worker may take a job: a running one once its lease has ended."""


class PartType(TextChoices):
    """The seven kinds of typed parts."""

    TEXT = "text"
    REASONING = "reasoning"
    FILE = "file"
    DATA = "data"
    TOOL_CALL = "tool-call"
    TOOL_ERROR = "tool-error"
    TOOL_RESULT = "tool-result"


class WebhookState(TextChoices):
    """Whether an endpoint is sent the changes that it asked for."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Until somebody resumes it; its position stays."""
    DISABLED = "disabled"
    """By the store, because the endpoint refused or failed for long; its position stays too."""
