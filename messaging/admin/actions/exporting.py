"""Exports of chosen rows, streamed and logged."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from messaging.admin.log import name_of
from messaging.admin.tenancy import StaffAdmin
from messaging.models import Conversation, Message
from messaging.rights import EXPORT
from messaging.transfer.export import export_conversations, export_messages

__all__ = ["Exportable"]

PIECE = 64 * 1024
"""Bytes that a server sends at once."""

Exported = TypeVar("Exported", bound=Conversation | Message)


class Exportable(StaffAdmin[Exported]):
    """Rows can be exported: the selected ones, all that a list matches, or one by its page."""

    @admin.action(permissions=["export"], description="Export as JSONL")
    def export_as_jsonl(self, request: HttpRequest, queryset: QuerySet[Exported]) -> HttpResponseBase:
        """The selected rows as a file; an action of the list."""
        if request.POST.get("select_across") == "1":
            _log_all(request, queryset)
        else:
            _log(request, self.model, list(queryset))
        return _download(queryset, str(self.opts.verbose_name_plural))

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(self.export_view)
        return [path("<path:object_id>/export/", view, name=name), *super().get_urls()]

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the user may see such rows and export them."""
        return bool(request.user.has_perm(EXPORT)) and self.has_view_permission(request)

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """One row as a file."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        _log(request, self.model, [row])
        return _download(self.get_queryset(request).filter(pk=row.pk), row.pk)


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


def _log(request: HttpRequest, model: type[Model], rows: list[Exported]) -> None:
    LogEntry.objects.bulk_create(
        _entry(request, model, object_id=row.pk, object_repr=name_of(row)[:200]) for row in rows
    )


def _log_all(request: HttpRequest, queryset: QuerySet[Exported]) -> None:
    """One entry for all rows that a list matches, however many."""
    what = f"{queryset.count():,} {queryset.model._meta.verbose_name_plural}"
    _entry(request, queryset.model, object_repr=what).save(force_insert=True)


def _entry(request: HttpRequest, model: type[Model], **fields: Any) -> LogEntry:
    return LogEntry(
        user_id=request.user.pk or 0,
        content_type=get_content_type_for_model(model),
        action_flag=CHANGE,
        change_message="Exported as JSONL.",
        **fields,
    )
