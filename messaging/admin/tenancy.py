"""The workspaces that a person of the staff may see bound every page of the admin."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import unquote as unquote_url

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.db.models.fields.related import RelatedField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from messaging.changes import Actor, acting_as
from messaging.models import Workspace
from messaging.replicas import reading_own_writes
from messaging.rights import visible_to
from messaging.values.choices import ActorKind

from .log import ChangeMessage, log, names_of
from .typed import Row, TypedAdmin


class StaffAdmin(TypedAdmin[Row]):
    """Shows the rows of visible workspaces alone, in lists, forms, choices and direct URLs alike."""

    object_history_template = "admin/parley/object_history.html"

    @property
    def urls(self) -> list[URLPattern]:
        """The pages of this admin; what is written there is written by who is logged in."""
        patterns: list[URLPattern] = self.get_urls()
        for pattern in patterns:
            pattern.callback = by_staff(pattern.callback)
        return patterns

    def page(
        self,
        request: HttpRequest,
        template: str,
        title: str,
        *,
        steps: Iterable[tuple[str, str]] = (),
        **context: Any,
    ) -> HttpResponse:
        """A page of this admin, from a template below `admin/parley/`.

        `steps` are names and addresses of the pages between the list and this one.
        """
        request.current_app = self.admin_site.name
        shared = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        own_list = (capfirst(self.opts.verbose_name_plural), self.url("changelist"))
        trail = [*([own_list] if self.has_view_permission(request) else []), *steps]
        return TemplateResponse(
            request, f"admin/parley/{template}.html", {**shared, "trail": trail, **context}
        )

    def url(self, page: str, *args: str) -> str:
        """The address of a page of this admin, as `change` of an id."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=args, current_app=self.admin_site.name)

    def row_path(
        self,
        name: str,
        view: Callable[[HttpRequest, Row], HttpResponseBase],
        may: Callable[[HttpRequest], bool],
    ) -> URLPattern:
        """The path of a further page of a row, `<id>/<name>/`: `view` gets the row, for who `may` open it."""

        def answer(request: HttpRequest, object_id: str) -> HttpResponseBase:
            if not may(request):
                raise PermissionDenied
            row = self.get_object(request, unquote(object_id))
            return self._absent(request, object_id) if row is None else view(request, row)

        url_name = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(f"<path:object_id>/{name}/", self.admin_site.admin_view(answer), name=url_name)

    def _absent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Django's own answer for a row that does not exist, or that this person may not see."""
        return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))  # type: ignore[attr-defined,no-any-return]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Row | None:
        """The row; none has an id with NUL, which PostgreSQL refuses in every text."""
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        return visible_to(request.user, super().get_queryset(request))

    def get_field_queryset(
        self, db: str | None, db_field: "RelatedField[Any, Any]", request: HttpRequest
    ) -> QuerySet[Model]:
        """What a form offers for a foreign key, and accepts for one."""
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None:
            rows = db_field.remote_field.model._default_manager.using(db)
        return visible_to(request.user, rows) if _has_tenants(rows.model) else rows

    def log_addition(self, request: HttpRequest, obj: Row, message: ChangeMessage) -> LogEntry:
        return log(request.user, self.model, names_of([obj]), ADDITION, message)[0]

    def log_change(self, request: HttpRequest, obj: Row, message: ChangeMessage) -> LogEntry:
        return log(request.user, self.model, names_of([obj]), CHANGE, message)[0]

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Row]) -> list[LogEntry]:
        return log(request.user, self.model, names_of(queryset), DELETION)


def _storable(query: QueryDict) -> QueryDict:
    """A query without NUL."""
    if "\0" not in unquote_url(query.urlencode()):
        return query
    return QueryDict(query.urlencode().replace("%00", ""), encoding=query.encoding)


def workspace_of(row: Model) -> str:
    """The id of the workspace that a row belongs to, or is."""
    workspace_id: str = getattr(row, "pk" if isinstance(row, Workspace) else "workspace_id")
    return workspace_id


def only(row: Row) -> QuerySet[Row]:
    """The row as a queryset that names its workspace."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    return rows if isinstance(row, Workspace) else rows.filter(workspace_id=workspace_of(row))


def _has_tenants(model: type[Model]) -> bool:
    """Whether the rows of a table belong to workspaces, or are workspaces."""
    return model is Workspace or any(field.name == "workspace" for field in model._meta.fields)


def by_staff(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, whose changes are those of who asks for it, and which reads what that person wrote."""

    @wraps(view)
    def serve(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        request.GET = _storable(request.GET)  # type: ignore[assignment]
        actor = Actor(ActorKind.STAFF, str(request.user.pk))
        with reading_own_writes(request.method, f"staff:{actor.id}"), acting_as(actor):
            return view(request, *args, **kwargs)

    return serve
