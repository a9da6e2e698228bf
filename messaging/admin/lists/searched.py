"""Lists that search as the API searches."""

from typing import Any, Protocol, cast

from django.db.models import QuerySet
from django.http import HttpRequest

from messaging.admin.forms.saving import ServiceAdmin
from messaging.admin.typed import Row
from messaging.conf import parley_settings

from .lookup import LookupAdmin
from .search import needs_bound

__all__ = ["SearchedAdmin"]


class Searchable(Protocol):
    """A queryset of rows with text."""

    def search(self, text: str, /) -> QuerySet[Any]: ...


class SearchedAdmin(ServiceAdmin[Row], LookupAdmin[Row]):
    """Rows that the API alone adds; searched as the API searches."""

    descending = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        term = search_term.strip()
        return (cast("Searchable", queryset).search(term) if term else queryset), False

    def note_on_search(self, term: str) -> str:
        if not needs_bound(term.strip()):
            return ""
        searched = f"the first {parley_settings().count_ceiling:,} of the list"
        return f"Fewer than three letters or digits in a row: looked for in {searched} alone."
