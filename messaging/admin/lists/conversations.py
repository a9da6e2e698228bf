"""The list of conversations."""

from collections.abc import Iterator, Sequence
from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.admin.display import above, below
from messaging.admin.forms.saving import ServiceAdmin
from messaging.index.filters import Equal, Filter, Texts
from messaging.index.listing import Order
from messaging.models import Conversation

from .changelist import ListAdmin
from .filters import DateRangeFilter, ValuesFilter
from .highlight import highlight
from .workspace_filter import WorkspaceFilter

__all__ = ["ConversationListAdmin"]


class ActivityFilter(DateRangeFilter):
    """By the day of the latest activity, which the list is ordered by."""

    title = "last activity"
    column = "updated_at"


class ConversationValuesFilter(ValuesFilter):
    title = "exact values"
    narrows = {
        "user": partial(Equal, "user_id"),
        "collection": lambda collection: Texts.any_of("collections", [collection]),
    }


class ConversationListAdmin(ServiceAdmin[Conversation], ListAdmin[Conversation]):
    """The list of conversations, by the latest activity."""

    list_display = ("named", "user_and_status", "messages", "updated_at")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, "status", ActivityFilter, ConversationValuesFilter)
    search_fields = ("title",)
    search_help_text = "Part of the title, or an id of anything"
    sortable_by = ("updated_at",)
    descending = True
    merges_workspaces = True
    searched_column = "search_title"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the API alone adds rows

    def order_of(self, filters: Sequence[Filter]) -> Order:
        return Order(("updated_at", "id"), across=("id",))

    def rows_of_list(self, rows: QuerySet[Conversation], term: str) -> Iterator[Conversation]:
        unshown = ("summary", "search_title", "meta_data", "settings", "workspace__meta_data")
        for row in rows.defer(*unshown):
            vars(row)["term"] = term.strip()
            yield row

    @admin.display(description="Conversation")
    def named(self, conversation: Conversation) -> SafeString:
        title = highlight(str(conversation), vars(conversation)["term"])
        return format_html(
            "{}{}", format_html('<span dir="auto">{}</span>', title), below(conversation.workspace)
        )

    @admin.display(description="User, status")
    def user_and_status(self, conversation: Conversation) -> SafeString:
        return above(
            conversation.user_id or self.get_empty_value_display(), conversation.get_status_display()
        )

    @admin.display(description="Messages")
    def messages(self, conversation: Conversation) -> str:
        return f"{conversation.message_count:,}"
