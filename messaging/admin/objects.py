"""The admin of stored objects, read-only, with the way to their bytes."""

import logging

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.models import StoredObject
from messaging.storage import storage_errors
from messaging.values.media import image_type

from .display import above
from .lists.workspace_filter import WorkspaceFilter
from .read_only import ReadOnlyAdmin, link_to_message, message, pretty

logger = logging.getLogger("messaging")

SUFFIXES = {"application/json": ".json", "text/plain": ".txt"}
"""Suffixes of downloads. Other types get none, so that no program opens the file by its name."""


@admin.display(description=_("size"))
def size(stored: StoredObject) -> str:
    return filesizeformat(stored.size_bytes)


@admin.display(description=_("type, size"))
def kind(stored: StoredObject) -> SafeString:
    return above(stored.mime_type, size(stored))


@admin.display(description=_("content"))
def content(stored: StoredObject) -> SafeString:
    """A link to the bytes."""
    url = reverse("admin:parley_storedobject_content", args=[stored.pk])
    return format_html('<a href="{}">{}</a>', url, gettext("Open"))


@admin.register(StoredObject)
class StoredObjectAdmin(ReadOnlyAdmin[StoredObject]):
    """Never shows `path`, which is internal to the server."""

    list_display = ("id", kind, message, "created_at", content)
    list_filter = (WorkspaceFilter,)
    search_fields = ("id__exact", "message__id__exact")
    ids_searched = ("obj", "msg")
    search_help_text = _("Id of a stored object, or of its message")
    fields = readonly_fields = (
        "id",
        "workspace",
        link_to_message,
        "mime_type",
        size,
        "sha256",
        "created_at",
        content,
        pretty(StoredObject, "preview_text"),
    )

    def get_urls(self) -> list[URLPattern]:
        return [self.row_path("content", self.content_view, self.has_view_permission), *super().get_urls()]

    def content_view(self, request: HttpRequest, stored: StoredObject) -> HttpResponseBase:
        """The bytes: shown if they are a raster image of the declared type, else a download."""
        try:
            with storage_errors():
                return _file_response(stored)
        except FileNotFoundError:
            logger.exception("the file of %s is gone", stored.pk)
            raise Http404(gettext("The file is gone")) from None


def _file_response(stored: StoredObject) -> FileResponse:
    """Content of unknown authors: no browser may run it or guess its type, whatever type it declares."""
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
    response["Cache-Control"] = "private, no-store"  # redaction must not leave a copy in a cache
    return response
