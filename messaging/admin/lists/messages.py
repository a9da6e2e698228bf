"""The list of messages."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import F
from django.forms import CheckboxInput
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.admin.roles import author_of
from messaging.index.filters import AnyText, Equal, Filter, is_conversation
from messaging.index.listing import Order
from messaging.models import Message

from .cells import above
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
        "sender": partial(Equal, "sender_id"),
        "tag": lambda tag: AnyText("tags", (tag,)),
        "agent": partial(Equal, "agent_id"),
        "run": partial(Equal, "run_id"),
        "conversation": partial(Equal, "conversation_id"),
        "type": partial(Equal, "message_type"),
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
    searched_column = "search_text"

    def order_of(self, filters: Sequence[Filter]) -> Order:
        if any(is_conversation(each) for each in filters):
            return Order(("seq",))
        return Order(("created_at", "conversation_id", "seq"), across=("id",))

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
