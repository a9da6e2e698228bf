"""The list of messages."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Protocol

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import F, QuerySet
from django.forms import CheckboxInput
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.admin.display import above
from messaging.admin.forms.saving import ServiceAdmin
from messaging.admin.roles import author_of
from messaging.index.filters import Equal, Filter, Texts, is_conversation
from messaging.index.listing import Order
from messaging.models import Message

from .changelist import ListAdmin
from .filters import DateRangeFilter, RoleFilter, ValuesFilter
from .highlight import excerpt, snippet
from .workspace_filter import WorkspaceFilter

__all__ = ["MessageListAdmin"]


class MessageValuesFilter(ValuesFilter):
    title = "exact values"
    narrows = {
        "sender": partial(Equal, "sender_id"),
        "tag": lambda tag: Texts.any_of("tags", [tag]),
        "agent": partial(Equal, "agent_id"),
        "run": partial(Equal, "run_id"),
        "conversation": partial(Equal, "conversation_id"),
        "type": partial(Equal, "message_type"),
    }


class ListedMessage(Protocol):
    """A message as `rows_of_list` reads it."""

    shown: str
    """The excerpt of its text."""
    tool: str | None
    """The name of the first function that it calls."""
    term: str


class MessageListAdmin(ServiceAdmin[Message], ListAdmin[Message]):
    """The list of messages: an excerpt, the author, and where it belongs; newest first."""

    list_display = ("text", "author", "whereabouts", "created_at")
    list_select_related = ("workspace", "conversation")
    list_filter = (WorkspaceFilter, RoleFilter, DateRangeFilter, MessageValuesFilter)
    search_fields = ("content",)
    search_help_text = "Part of the text, or an id of anything"
    sortable_by = ("created_at",)
    descending = True
    merges_workspaces = True
    searched_column = "search_text"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the API alone adds rows

    def order_of(self, filters: Sequence[Filter]) -> Order:
        if any(is_conversation(each) for each in filters):
            return Order(("seq",))
        return Order(("created_at", "conversation_id", "seq"), across=("id",))

    def rows_of_list(self, rows: QuerySet[Message], term: str) -> Iterator[Message]:
        heavy = ("content", "search_text", "structured_content", "tool_calls", "attachments", "meta_data")
        of_others = ("meta_data", "settings", "summary", "search_title")
        unshown = [*heavy, *(f"conversation__{name}" for name in of_others), "workspace__meta_data"]
        shown = excerpt("content", "search_text", term.strip())
        for row in rows.defer(*unshown).annotate(shown=shown, tool=F("tool_calls__0__function__name")):
            vars(row)["term"] = term.strip()
            yield row

    @admin.display(description="Message")
    def text(self, message: ListedMessage) -> SafeString:
        if message.shown:
            return format_html('<span dir="auto">{}</span>', snippet(message.shown, message.term))
        instead = f"calls {message.tool}" if message.tool else "(no text)"
        return format_html('<span class="quiet">{}</span>', instead)

    @admin.display(description="From")
    def author(self, message: Message) -> SafeString:
        author = author_of(message)
        return above(message.role, author) if author else format_html("<bdi>{}</bdi>", message.role)

    @admin.display(description="Conversation")
    def whereabouts(self, message: Message) -> SafeString:
        return above(message.conversation, message.workspace)

    def action_checkbox(self, obj: Message) -> SafeString:
        """Labelled by columns that the list has read; the name of a message would read its whole content."""
        name = f"Select message {obj.seq} of {obj.conversation}"
        box = CheckboxInput({"class": "action-select", "aria-label": name}, lambda value: False)
        rendered: SafeString = box.render(ACTION_CHECKBOX_NAME, obj.pk)
        return rendered
