"""What the three pages share: nothing is changed in them, and they lead to the transcript."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .base import StaffAdmin
from .lists.cells import below
from .values import shown_json

__all__ = ["ReadOnlyAdmin", "conversation", "link_to_conversation", "link_to_message", "message", "pretty"]

SHOWN = 20_000
"""Characters of a value."""


class ReadOnlyAdmin(StaffAdmin):
    """Newest first by primary key, whose ids sort by time: no other order that an index gives is the same
    for all workspaces and for one."""

    fields: ClassVar[Any] = None
    readonly_fields: ClassVar[Any] = ()
    list_display: Any = ("__str__",)  # columns may be functions, which the stubs do not take
    ordering = ("-id",)
    sortable_by = ("id",)
    list_select_related = ("workspace",)
    descending = True

    class Media:
        css = {"all": ("parley/transcript.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def pretty(name: str) -> Callable[[Any], SafeString | str]:
    """A column of JSON or of text for a page: indented, wrapped, and cut where it is very long."""

    @admin.display(description=name.replace("_", " "), empty_value="-")
    def shown(row: Any) -> SafeString | str:
        value = getattr(row, name)
        if value is None or value == "":
            return ""
        text = shown_json(value, SHOWN)
        return format_html(
            '<pre class="parley-code" dir="auto">{}{}</pre>', text.text, "…" if text.is_cut else ""
        )

    return shown


@admin.display(description="message")
def link_to_message(row: Any) -> SafeString:
    """The place of the row's message in its conversation."""
    return _link("parley_message_open", row.message_id)


@admin.display(description="conversation")
def link_to_conversation(row: Any) -> SafeString:
    return _link("parley_conversation_transcript", row.conversation_id)


@admin.display(description="message")
def message(row: Any) -> SafeString:
    """The same for a list, with the workspace below it."""
    return format_html("{}{}", link_to_message(row), below(row.workspace))


@admin.display(description="conversation")
def conversation(row: Any) -> SafeString:
    return format_html("{}{}", link_to_conversation(row), below(row.workspace))


def _link(name: str, key: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{name}", args=[key]), key)
