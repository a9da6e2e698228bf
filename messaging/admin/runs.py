"""The admin of runs, read-only."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from messaging.models import Run

from .display import above
from .lists.workspace_filter import WorkspaceFilter
from .read_only import ReadOnlyAdmin, conversation, link_to_conversation, pretty

TEXTS = tuple(
    pretty(Run, name)
    for name in ("usage", "instructions", "tools", "meta_data", "model_settings", "response_format")
)


@admin.display(description=_("agent, status"))
def agent(run: Run) -> SafeString:
    return above(run.agent_id, run.get_status_display())


@admin.display(description=_("tokens"))
def tokens(run: Run) -> int | None:
    """Tokens of prompts and completions together; None until the agent reports them."""
    return (run.usage or {}).get("total_tokens")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin[Run]):
    list_display = ("id", agent, conversation, tokens, "created_at")
    list_filter = ("status", WorkspaceFilter)
    search_fields = ("id__exact", "conversation__id__exact")
    ids_searched = ("run", "conv")
    search_help_text = _("Id of a run, or of its conversation")
    fields = readonly_fields = (
        "id",
        "workspace",
        link_to_conversation,
        "agent_id",
        "status",
        "group",
        "model",
        "created_at",
        "started_at",
        "expires_at",
        "completed_at",
        "failed_at",
        "cancelled_at",
        *TEXTS,
    )
