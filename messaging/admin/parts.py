"""The admin of the parts of messages, read-only."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.models import Part
from messaging.models.part import PartQuerySet

from .lists.workspace_filter import WorkspaceFilter
from .read_only import ReadOnlyAdmin, link_to_message, message, pretty
from .typed import TypedAdmin

TEXTS = tuple(
    pretty(Part, name)
    for name in ("text", "payload", "payload_ref", "error_text", "url", "file_id", "data_type", "metadata")
)


class FailedFilter(admin.SimpleListFilter):
    """What the dashboard counts as an error: by the type of the part, or by what its agent reports."""

    title = _("tool errors")
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: TypedAdmin[Any]) -> list[tuple[str, str]]:
        return [("yes", gettext("Tool errors only"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Part]) -> QuerySet[Part]:
        return cast(PartQuerySet, queryset).failed() if self.value() == "yes" else queryset


@admin.display(description=_("error"), empty_value="")
def error(part: Part) -> str:
    return gettext("error") if part.failed_at else ""


@admin.register(Part)
class PartAdmin(ReadOnlyAdmin[Part]):
    list_display = ("id", "type", "tool_name", error, message)
    list_filter = ("type", FailedFilter, WorkspaceFilter)
    search_fields = ("id__exact", "message__id__exact")
    ids_searched = ("part", "msg")
    search_help_text = _("Id of a part, or of its message")
    fields = readonly_fields = (
        "id",
        "workspace",
        link_to_message,
        "position",
        "type",
        "tool_name",
        "tool_call_id",
        error,
        "mime_type",
        "detail",
        *TEXTS,
    )
