from typing import Any

from django.contrib import admin

from messaging.admin.filters import WorkspaceFilter
from threads.models import Part

from .base import ReadOnlyAdmin, link_to_message, pretty

TEXTS = tuple(
    pretty(name)
    for name in ("text", "payload", "payload_ref", "error_text", "url", "file_id", "data_type", "metadata")
)


@admin.register(Part)
class PartAdmin(ReadOnlyAdmin):
    list_display: Any = ("id", "type", "tool_name", "is_error", link_to_message, "workspace")
    list_filter = ("type", "is_error", WorkspaceFilter)
    search_fields = ("id__exact", "message__id__exact")
    ids_searched = ("part", "msg")
    search_help_text = "Id of a part, or of its message"
    fields = readonly_fields = (
        "id",
        "workspace",
        link_to_message,
        "position",
        "type",
        "tool_name",
        "tool_call_id",
        "is_error",
        "mime_type",
        "detail",
        *TEXTS,
    )
