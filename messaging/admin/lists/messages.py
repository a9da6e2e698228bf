"""The list of messages."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import F, Subquery
from django.forms import CheckboxInput
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.admin.roles import author_of
from messaging.models import Conversation, Message
from messaging.rights import visible_to

from .cells import above
from .figures import kept_of_list
from .filters import (
    DateRangeFilter,
    FormFilter,
    RoleFilter,
    WorkspaceFilter,
    text_field,
)
from .highlight import snippet
from .search import excerpt
from .searched import SearchedAdmin

__all__ = ["MessageListAdmin"]

# Found by an index that begins with the workspace.
BY_WORKSPACE = {"agent", "role", "sender", "since", "type", "until"}


class MessageValuesFilter(FormFilter):
    title = "exact values"
    fields = {
        "sender": text_field("Sender"),
        "tag": text_field("Tag"),
        "agent": text_field("Agent"),
        "run": text_field("Run"),
        "conversation": text_field("Conversation"),
        "type": text_field("Type"),
    }
    narrows = {
        "sender": "from_sender",
        "tag": "tagged",
        "agent": "by_agent",
        "run": "of_run",
        "conversation": "in_conversation",
        "type": "of_type",
    }


class MessageListAdmin(SearchedAdmin[Message]):
    """How messages are listed: what they say in a line, the newest first."""

    list_display = ("said", "author", "place", "created_at")
    list_select_related = ("workspace", "conversation")
    list_filter = (WorkspaceFilter, RoleFilter, DateRangeFilter, MessageValuesFilter)
    search_fields = ("content",)
    search_help_text = "Part of the text, or an id of anything"
    sortable_by = ("created_at",)
    merges_workspaces = True
    found_by_terms = ("tag",)

    def index_order(self, given: Mapping[str, Any], *, is_within: bool) -> tuple[str, ...]:
        if "conversation" in given:
            return ("seq",)
        if is_within:
            return ("created_at", "conversation_id", "seq")
        # What was stored last comes first, by the primary key. A range that ended long ago is sorted instead:
        # its rows are few, and walking there from the newest would read all the others.
        return ("created_at", "id") if "until" in given else ("id",)

    def for_index(self, queryset: Any, given: Mapping[str, Any]) -> Any:
        if "workspace" not in given and "conversation" in given:
            # Named, so that the index which holds a conversation in its order may be walked.
            within = Conversation.objects.filter(pk=given["conversation"]).values("workspace_id")[:1]
            return queryset.filter(workspace_id=Subquery(within))
        named = "workspace" in given or not given.keys() & BY_WORKSPACE
        return queryset if named else queryset.naming_workspaces()

    def kept_count(self, request: HttpRequest, given: Mapping[str, Any]) -> int | None:
        if not given.keys() <= {"workspace", "conversation"}:
            return None
        if "conversation" not in given:
            return kept_of_list("messages", request.user, given.get("workspace"))
        conversations = visible_to(request.user, Conversation.objects.filter(pk=given["conversation"]))
        if "workspace" in given:
            conversations = conversations.for_workspace(given["workspace"])
        count: int = conversations.total_messages()
        return count

    def rows_of_list(self, rows: Any, term: str) -> Any:
        heavy = ("content", "search_text", "structured_content", "tool_calls", "attachments", "meta_data")
        of_others = ("meta_data", "settings", "summary", "search_title")
        unshown = [*heavy, *(f"conversation__{name}" for name in of_others), "workspace__meta_data"]
        shown = excerpt("content", "search_text", term.strip())
        for row in rows.defer(*unshown).annotate(shown=shown, tool=F("tool_calls__0__function__name")):
            row.term = term.strip()
            yield row

    @admin.display(description="Message")
    def said(self, message: Any) -> SafeString:
        if message.shown:
            return format_html('<span dir="auto">{}</span>', snippet(message.shown, message.term))
        instead = f"calls {message.tool}" if message.tool else "(no text)"
        return format_html('<span class="quiet">{}</span>', instead)

    @admin.display(description="From")
    def author(self, message: Any) -> SafeString:
        author = author_of(message)
        return above(message.role, author) if author else format_html("<bdi>{}</bdi>", message.role)

    @admin.display(description="Conversation")
    def place(self, message: Any) -> SafeString:
        return above(message.conversation, message.workspace)

    def action_checkbox(self, obj: Any) -> SafeString:
        """Labelled by what was read for the list; the whole message would be read for its name."""
        name = f"Select message {obj.seq} of {obj.conversation}"
        box = CheckboxInput({"class": "action-select", "aria-label": name}, lambda value: False)
        rendered: SafeString = box.render(ACTION_CHECKBOX_NAME, obj.pk)
        return rendered
