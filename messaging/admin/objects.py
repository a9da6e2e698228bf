import logging
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.models import StoredObject

from .lists.cells import above
from .lists.filters import WorkspaceFilter
from .media import image_type
from .read_only import (
    ReadOnlyAdmin,
    link_to_message,
    message,
    pretty,
)

logger = logging.getLogger("messaging")

SUFFIXES = {"application/json": ".json", "text/plain": ".txt"}
"""Of downloads; other types get none, so that no program takes the file for its own."""


@admin.display(description="size")
def size(stored: StoredObject) -> str:
    return filesizeformat(stored.size_bytes)


@admin.display(description="type, size")
def kind(stored: StoredObject) -> SafeString:
    return above(stored.mime_type, size(stored))


@admin.display(description="content")
def content(stored: StoredObject) -> SafeString:
    """The way to the bytes."""
    url = reverse("admin:parley_storedobject_content", args=[stored.pk])
    return format_html('<a href="{}">Open</a>', url)


@admin.register(StoredObject)
class StoredObjectAdmin(ReadOnlyAdmin):
    """Never shows `path`: where the file is in the storage is the server's own affair."""

    list_display: Any = ("id", kind, message, "created_at", content)
    list_filter = (WorkspaceFilter,)
    search_fields = ("id__exact", "message__id__exact")
    ids_searched = ("obj", "msg")
    search_help_text = "Id of a stored object, or of its message"
    fields = readonly_fields = (
        "id",
        "workspace",
        link_to_message,
        "mime_type",
        size,
        "sha256",
        "created_at",
        content,
        pretty("preview_text"),
    )

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.content_view)
        return [
            path("<path:object_id>/content/", view, name="parley_storedobject_content"),
            *super().get_urls(),
        ]

    def content_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The bytes: an image in the page if it is a raster of the type that it says, else a download."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        stored = self.get_object(request, unquote(object_id))
        if stored is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))  # type: ignore[attr-defined,no-any-return]
        try:
            return _file_response(stored)
        except OSError:
            logger.exception("the file of %s is gone", stored.pk)
            raise Http404("The file is gone") from None


def _file_response(stored: StoredObject) -> FileResponse:
    """What a tool or a stranger wrote: whatever it says it is, no browser runs it or guesses."""
    file = stored.open()
    kind = image_type(file.read(12))
    file.seek(0)
    is_image = kind is not None and kind == stored.mime_type
    response = FileResponse(
        file,
        as_attachment=not is_image,
        filename=f"{stored.pk}{SUFFIXES.get(stored.mime_type, '')}",
        content_type=kind if is_image else "application/octet-stream",
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"  # gone is gone, once it is redacted
    return response
