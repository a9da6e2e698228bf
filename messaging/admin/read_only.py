"""Pages of rows that the API alone writes: staff read them and follow them to the transcript."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from .display import below, shown_json
from .lists.admin import ListAdmin
from .typed import Row, StrOrPromise

SHOWN = 20_000
"""Characters of a value."""


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


def pretty(model: type[Model], name: str) -> Callable[[Model], SafeString | str]:
    """A column of JSON or of text for a page: indented, wrapped, and cut where it is very long."""
    label = model._meta.get_field(name).verbose_name  # type: ignore[union-attr]

    @admin.display(description=label)
    def shown(row: Model) -> SafeString | str:
        value = getattr(row, name)
        if value in (None, "", [], {}):
            return "-"
        text = shown_json(value, SHOWN)
        return format_html(
            '<pre class="parley-code" dir="auto">{}{}</pre>', text.text, "…" if text.is_cut else ""
        )

    return shown


def link(
    column: str, label: StrOrPromise, page: str, *, in_list: bool = False
) -> Callable[[Model], SafeString]:
    """A column that leads to the page of what a row belongs to. In a list the workspace stands below."""

    @admin.display(description=label)
    def shown(row: Model) -> SafeString:
        key = getattr(row, f"{column}_id")
        anchor = format_html('<a href="{}">{}</a>', reverse(f"admin:{page}", args=[key]), key)
        return format_html("{}{}", anchor, below(getattr(row, "workspace", ""))) if in_list else anchor

    return shown


link_to_message = link("message", _("message"), "parley_message_open")
link_to_conversation = link("conversation", _("conversation"), "parley_conversation_transcript")
message = link("message", _("message"), "parley_message_open", in_list=True)
conversation = link("conversation", _("conversation"), "parley_conversation_transcript", in_list=True)
