"""What all admin pages of the store share: tenancy, and writing through the services."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from messaging.conf import parley_settings
from messaging.exceptions import ParleyError
from messaging.models import Workspace
from messaging.rights import visible_to

from .forms.fields import DateAndTime, field_for
from .forms.refusals import RefusalsOnForm
from .lists.changelist import ModelAdmin
from .lists.find import FindingAdmin
from .lists.search import needs_bound, newest
from .log import log
from .pages import came_from

__all__ = [
    "Deletion",
    "ModelAdmin",
    "SearchedAdmin",
    "ServiceAdmin",
    "StaffAdmin",
    "become",
    "changes",
    "deletion",
]

Deletion = tuple[list[Any], dict[str, int], set[str], list[str]]


class StaffAdmin(FindingAdmin):
    """Shows the rows of workspaces that the user may see, in lists, forms, choices and direct URLs alike."""

    object_history_template = "admin/parley/object_history.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = visible_to(request.user, super().get_queryset(request))
        return found

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """What a form offers for a foreign key or takes for one."""
        found = super().get_field_queryset(db, db_field, request)
        if found is None:
            found = db_field.remote_field.model._default_manager.using(db)
        return visible_to(request.user, found) if _has_tenants(found.model) else found

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return log(request.user, [obj], ADDITION, message)[0]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return log(request.user, [obj], CHANGE, message)[0]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return log(request.user, queryset, DELETION)


class ServiceAdmin(RefusalsOnForm, StaffAdmin):
    """Writes through the services, and says what they refuse."""

    formfield_overrides = {
        models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime},
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if field := field_for(db_field):
            return field
        if isinstance(db_field, models.CharField) and not db_field.choices:
            # Ids of others are opaque, spaces and all.
            kwargs.setdefault("strip", False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def construct_change_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        message = super().construct_change_message(request, *args, **kwargs)
        request.parley_changed = bool(message)  # type: ignore[attr-defined]
        return message

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Success is told where something was changed alone."""
        if request.parley_changed or IS_POPUP_VAR in request.POST:  # type: ignore[attr-defined]
            return super().response_change(request, obj)
        self.message_user(
            request, f"Nothing was changed: the {self.opts.verbose_name} is as it was.", messages.INFO
        )
        if "_continue" in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        return self.response_post_save_change(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Back to where the person came from, or to the list."""
        back = came_from(request)
        return HttpResponseRedirect(back) if back else super().response_post_save_change(request, obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except ParleyError as error:
            self.message_user(request, f"Not deleted: {error}.", messages.ERROR)
            return HttpResponseRedirect(request.path)


class SearchedAdmin(ServiceAdmin):
    """Written by the API alone; searched as the API searches."""

    descending = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if needs_bound(term):
            queryset = newest(queryset, fixed=request.method == "POST")
        return queryset.search(term), False

    def note_on_search(self, term: str) -> str:
        if not needs_bound(term.strip()):
            return ""
        searched = f"the first {parley_settings().count_ceiling:,} of the list"
        return f"Fewer than three letters or digits in a row: looked for in {searched} alone."


def _has_tenants(model: type[Any]) -> bool:
    """Whether the rows of a table belong to workspaces, or are workspaces."""
    return model is Workspace or any(field.name == "workspace" for field in model._meta.fields)


def changes(form: Any, without: Iterable[str] = ()) -> dict[str, Any]:
    """What a person changed in a form, as the services take it."""
    return {name: form.cleaned_data[name] for name in form.changed_data if name not in without}


def become(obj: Any, row: Any) -> None:
    """Let the object that the admin holds be the row that a service made."""
    obj.__dict__.update(row.__dict__)


def deletion(objs: Any, counts: dict[str, int]) -> Deletion:
    """What the admin asks before it deletes: how many go, rather than a list of them all."""
    return [str(obj) for obj in objs], counts, set(), []
