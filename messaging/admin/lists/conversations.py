"""The list of conversations."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.models import Conversation

from .cells import above, below
from .figures import kept_of_list
from .filters import (
    DateRangeFilter,
    FormFilter,
    WorkspaceFilter,
    text_field,
)
from .highlight import highlight
from .searched import SearchedAdmin

__all__ = ["ConversationListAdmin"]

# Found by an index that begins with the workspace.
BY_WORKSPACE = {"since", "status__exact", "until", "user"}


class ActivityFilter(DateRangeFilter):
    """By the day of the latest activity, which the list is ordered by."""

    title = "last activity"
    narrows = {"since": "updated_since", "until": "updated_before"}


class ConversationValuesFilter(FormFilter):
    title = "exact values"
    fields = {"user": text_field("User"), "collection": text_field("Collection")}
    narrows = {"user": "of_user", "collection": "in_collection"}


class ConversationListAdmin(SearchedAdmin[Conversation]):
    """How conversations are listed: by the latest activity."""

    list_display = ("named", "user_and_status", "messages", "updated_at")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, "status", ActivityFilter, ConversationValuesFilter)
    search_fields = ("title",)
    search_help_text = "Part of the title, or an id of anything"
    sortable_by = ("updated_at",)
    merges_workspaces = True
    found_by_terms = ("collection",)

    def index_order(self, given: Mapping[str, Any], *, is_within: bool) -> tuple[str, ...]:
        if is_within or "until" in given:
            return ("updated_at", "id")
        return ("id",)

    def for_index(self, queryset: Any, given: Mapping[str, Any]) -> Any:
        named = "workspace" in given or not given.keys() & BY_WORKSPACE
        return queryset if named else queryset.naming_workspaces()

    def kept_count(self, request: HttpRequest, given: Mapping[str, Any]) -> int | None:
        if not given.keys() <= {"workspace"}:
            return None
        return kept_of_list("conversations", request.user, given.get("workspace"))

    def rows_of_list(self, rows: Any, term: str) -> Any:
        unshown = ("summary", "search_title", "meta_data", "settings", "workspace__meta_data")
        for row in rows.defer(*unshown):
            row.term = term.strip()
            yield row

    @admin.display(description="Conversation")
    def named(self, conversation: Any) -> SafeString:
        title = highlight(str(conversation), conversation.term)
        return format_html(
            "{}{}", format_html('<span dir="auto">{}</span>', title), below(conversation.workspace)
        )

    @admin.display(description="User, status")
    def user_and_status(self, conversation: Any) -> SafeString:
        return above(
            conversation.user_id or self.get_empty_value_display(), conversation.get_status_display()
        )

    @admin.display(description="Messages")
    def messages(self, conversation: Any) -> str:
        return f"{conversation.message_count:,}"
