"""The closed vocabularies of the store."""

from django.db.models import TextChoices


class ConversationStatus(TextChoices):
    ACTIVE = "active"
    ENDED = "ended"
    ARCHIVED = "archived"


class KeyStatus(TextChoices):
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
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
"""In which a run holds its thread."""


class PartType(TextChoices):
    TEXT = "text"
    REASONING = "reasoning"
    FILE = "file"
    DATA = "data"
    TOOL_CALL = "tool-call"
    TOOL_ERROR = "tool-error"
    TOOL_RESULT = "tool-result"
