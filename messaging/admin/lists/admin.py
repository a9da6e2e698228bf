"""The base of all admins: lists that are planned and searched, narrowed by their filters alone."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from messaging.admin.pages import may_be_key
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context, Row
from messaging.index.filters import Contains, ContainsShown, Filter
from messaging.index.listing import Order
from messaging.index.querysets import StoreQuerySet

from .changelist import StoreChangeList
from .filters import parameters_of
from .lookup import look_up
from .paginator import BoundedPaginator


class ListAdmin(StaffAdmin[Row]):
    """Lists by StoreChangeList. Subclasses define the order, and what a page reads.

    The search box takes a pasted id of anything, too, and leads to its row.
    """

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would be a count of the whole table
    list_per_page = 50
    sortable_by: ClassVar[Any] = ()
    """The column whose header turns the order around, if any."""
    descending = False
    searched_column: ClassVar[str] = ""
    """The folded text that the search box looks in; empty where Django's own search is used."""
    searched_other: ClassVar[str] = ""
    """The folded text of what else a page shows of a row, which is searched as well."""
    ids_searched: tuple[str, ...] = ()
    """Prefixes of ids that the list itself searches for, so that they lead nowhere else."""
    merges_workspaces: ClassVar[bool] = False
    """Whether the rows of several workspaces come in one order, and their totals are kept."""

    class Media:
        css = {"all": ["parley/wrap.css", "parley/lists.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StoreChangeList

    def order_of(self, filters: Sequence[Filter]) -> Order:
        """The order of a list that is narrowed by these filters."""
        return Order(("id",))

    def rows_of_list(self, rows: QuerySet[Row], term: str) -> Iterable[Row]:
        """The rows of a page with what its columns show; `term` is the text that was searched for."""
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        """As the API searches, for the choices of a form: the lists themselves name a filter."""
        search_term = search_term.replace("\0", "")
        if not (self.searched_column and search_term.strip()):
            return super().get_search_results(request, queryset, search_term)
        rows = cast("StoreQuerySet[Any]", queryset)
        return rows.narrow(self.sought(search_term.strip())), False

    def sought(self, text: str) -> Contains:
        """The filter of the search box."""
        if self.searched_other:
            return ContainsShown(self.searched_column, text, self.searched_other)
        return Contains(self.searched_column, text)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters on the page. Django's own would reveal a digest letter by letter."""
        if lookup.split("__")[0] not in {field.name for field in self.opts.get_fields()}:
            return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]
        return lookup in parameters_of(self.get_list_filter(request) if request else self.list_filter)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        if not all(may_be_key(self.model, key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest(gettext("A key of no row was selected"))
        return super().response_action(request, queryset, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        lookup = look_up(request, self.admin_site, request.GET.get(SEARCH_VAR, ""))
        goes = request.method == "GET" and IS_POPUP_VAR not in request.GET
        if lookup and (goes or lookup.is_secret):
            if lookup.note:
                messages.warning(request, lookup.note)
            if lookup.is_secret or (lookup.url and lookup.prefix not in self.ids_searched):
                return redirect(lookup.url or request.path)
        return super().changelist_view(request, extra_context)
