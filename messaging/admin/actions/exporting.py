"""Exports of chosen rows, streamed and logged."""

from collections.abc import Iterator
from typing import TypeVar

from django.contrib import admin
from django.contrib.admin.models import CHANGE
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.admin.log import log, names_of
from messaging.admin.tenancy import StaffAdmin, only
from messaging.models import Conversation, Message
from messaging.rights import EXPORT
from messaging.transfer.export import export_conversations, export_messages
from messaging.values.words import grouped

PIECE = 64 * 1024
"""Bytes that a server sends at once."""
EXPORTED = _("Exported as JSONL.")

Exported = TypeVar("Exported", bound=Conversation | Message)


class Exportable(StaffAdmin[Exported]):
    """Rows can be exported: the selected ones, all that a list matches, or one by its page."""

    @admin.action(permissions=["export"], description=_("Export as JSONL"))
    def export_as_jsonl(self, request: HttpRequest, queryset: QuerySet[Exported]) -> HttpResponseBase:
        """The selected rows as a file; an action of the list."""
        if request.POST.get("select_across") == "1":
            what = f"{grouped(queryset.count())} {self.opts.verbose_name_plural}"
            log(request.user, self.model, [(None, what)], CHANGE, str(EXPORTED))
        else:
            log(request.user, self.model, names_of(queryset), CHANGE, str(EXPORTED))
        return _download(queryset, f"{self.opts.model_name}s")

    def get_urls(self) -> list[URLPattern]:
        return [self.row_path("export", self.export_view, self.has_export_permission), *super().get_urls()]

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the user may see such rows and export them."""
        return bool(request.user.has_perm(EXPORT)) and self.has_view_permission(request)

    def export_view(self, request: HttpRequest, row: Exported) -> HttpResponseBase:
        """One row as a file."""
        log(request.user, self.model, names_of([row]), CHANGE, str(EXPORTED))
        return _download(only(row), row.pk)


def _download(queryset: QuerySet[Exported], name: str) -> StreamingHttpResponse:
    lines = (export_conversations if queryset.model is Conversation else export_messages)(queryset)
    response = StreamingHttpResponse(_pieces(lines), content_type="application/jsonl")
    moment = timezone.now().strftime("%Y%m%dT%H%M%SZ")
    response["Content-Disposition"] = f'attachment; filename="{name}-{moment}.jsonl"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The lines, joined to pieces of some size, because a server sends each piece on its own."""
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)
