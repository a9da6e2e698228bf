"""The closed vocabularies of threads."""

from django.db.models import TextChoices


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
