"""What all admin pages of the store share: tenancy, and writing through the services."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from messaging.conf import parley_settings
from messaging.models import Workspace
from messaging.rights import visible_to

from .find import FindingAdmin
from .search import needs_bound, newest

__all__ = ["Deletion", "SearchedAdmin", "ServiceAdmin", "StaffAdmin", "become", "changes", "deletion"]

Deletion = tuple[list[Any], dict[str, int], set[str], list[str]]


class StaffAdmin(FindingAdmin):
    """Shows the rows of workspaces that the user may see, in lists, forms, choices and direct URLs alike."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = visible_to(request.user, super().get_queryset(request))
        return found

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """What a form offers for a foreign key or takes for one."""
        found = super().get_field_queryset(db, db_field, request)
        if found is None:
            found = db_field.remote_field.model._default_manager.using(db)
        return visible_to(request.user, found) if _has_tenants(found.model) else found


class ServiceAdmin(StaffAdmin):
    """Deletes several rows as it deletes one, and so through the service."""

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)


class SearchedAdmin(ServiceAdmin):
    """Written by the API alone; searched as the API searches."""

    descending = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return (newest(queryset) if needs_bound(term) else queryset).search(term), False

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


def deletion(objs: Iterable[Any], counts: dict[str, int]) -> Deletion:
    """What the admin asks before it deletes: how many go, rather than a list of them all."""
    return [str(obj) for obj in objs], counts, set(), []
