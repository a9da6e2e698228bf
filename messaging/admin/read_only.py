"""Pages of rows that the API alone writes: staff read them and follow them to the transcript."""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.models import Workspace

from .display import below, shown_json
from .lists.changelist import ListAdmin
from .typed import Row

__all__ = ["ReadOnlyAdmin", "conversation", "link_to_conversation", "link_to_message", "message", "pretty"]

SHOWN = 20_000
"""Characters of a value."""


class OfMessage(Protocol):
    """A row that belongs to a message."""

    message_id: str
    workspace: Workspace


class OfConversation(Protocol):
    """A row that belongs to a conversation."""

    conversation_id: str
    workspace: Workspace


class ReadOnlyAdmin(ListAdmin[Row]):
    """Newest first by primary key, whose ids sort by time: no other order has an index that serves one
    workspace and all of them."""

    # Columns may be functions, which the stubs do not allow.
    fields: ClassVar[Any] = None
    readonly_fields: ClassVar[Any] = ()
    list_display: Any = ("__str__",)
    ordering = ("-id",)
    sortable_by = ("id",)
    list_select_related = ("workspace",)
    descending = True

    class Media:
        css = {"all": ("parley/transcript.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


def pretty(name: str) -> Callable[[Model], SafeString | str]:
    """A column of JSON or of text for a page: indented, wrapped, and cut where it is very long."""

    @admin.display(description=name.replace("_", " "), empty_value="-")
    def shown(row: Model) -> SafeString | str:
        value = getattr(row, name)
        if value is None or value == "":
            return ""
        text = shown_json(value, SHOWN)
        return format_html(
            '<pre class="parley-code" dir="auto">{}{}</pre>', text.text, "…" if text.is_cut else ""
        )

    return shown


@admin.display(description="message")
def link_to_message(row: OfMessage) -> SafeString:
    """The permalink of the row's message."""
    return _link("parley_message_open", row.message_id)


@admin.display(description="conversation")
def link_to_conversation(row: OfConversation) -> SafeString:
    """The transcript of the row's conversation."""
    return _link("parley_conversation_transcript", row.conversation_id)


@admin.display(description="message")
def message(row: OfMessage) -> SafeString:
    """The link of `link_to_message` for a list, with the workspace on a second line."""
    return format_html("{}{}", link_to_message(row), below(row.workspace))


@admin.display(description="conversation")
def conversation(row: OfConversation) -> SafeString:
    """The link of `link_to_conversation` for a list, with the workspace on a second line."""
    return format_html("{}{}", link_to_conversation(row), below(row.workspace))


def _link(name: str, key: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{name}", args=[key]), key)
