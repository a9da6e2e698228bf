"""Lists whose cost does not grow with the table: counted up to a ceiling, ordered by what an index holds."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from messaging.admin.pages import page_of
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Row, TypedPaginator
from messaging.conf import parley_settings
from messaging.index import listing
from messaging.index.filters import Contains, Filter
from messaging.index.listing import Listing, Order, Window
from messaging.index.plan import plan
from messaging.index.sources import RowSource
from messaging.rights import reachable_workspaces

from .filters import offered_workspaces

__all__ = ["BoundedPaginator", "ListAdmin", "StoreChangeList", "may_be_key"]


class BoundedPaginator(TypedPaginator[Any]):
    """Pages of the first `count_ceiling` rows: what lies deeper is reached by narrowing, not by an offset.

    One statement reads their keys in order. They are the count and all pages, however many rows match.
    """

    source: RowSource | None = None
    """Where the rows come from; None for what Django lists by itself, as the choices of a form."""

    @cached_property
    def keys(self) -> list[Any]:
        """Of the rows that pages lead to, and of one more if there are more."""
        number = parley_settings().count_ceiling + 1
        if self.source is not None:
            return self.source.at(Window(stop=number)).keys()
        rows: Any = self.object_list
        return list(rows.values_list("pk", flat=True)[:number]) if isinstance(rows, QuerySet) else list(rows)

    @cached_property
    def count(self) -> int:
        """How many rows the pages lead to."""
        return min(len(self.keys), parley_settings().count_ceiling)

    @property
    def is_cut(self) -> bool:
        """There are more rows than the pages lead to."""
        return len(self.keys) > self.count

    def page(self, number: Any) -> Any:
        """The rows of a page, in their order, by their keys."""
        page = super().page(number)
        if isinstance(self.object_list, QuerySet):
            start = (page.number - 1) * self.per_page
            page.object_list = self.rows(start, start + self.per_page)
        return page

    def rows(self, start: int, stop: int) -> Any:
        """The rows between two places of the list."""
        rows: Any = self.object_list
        keys = self.keys[start : min(stop, self.count)]
        # Read anew: what narrowed the list need not be looked at again.
        again = rows.model._default_manager.using(rows.db).filter(pk__in=keys).order_by(*rows.query.order_by)
        again.query.select_related = rows.query.select_related
        return again


class StoreChangeList(ChangeList):
    """A list of rows of the store: says what is asked for, and reads it as its listing is planned."""

    model_admin: Any
    sortable_by: Any
    source: RowSource

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.opened_by = request
        super().__init__(request, *args)
        for problem in self.problems:
            messages.error(request, problem)
        self.search_help_text = self.model_admin.note_on_search(self.query) or self.search_help_text

    @property
    def problems(self) -> list[str]:
        """What was wrong with values given to the filters; nothing is listed then."""
        return [problem for spec in self.filter_specs for problem in getattr(spec, "problems", ())]

    @property
    def filters(self) -> tuple[Filter, ...]:
        """What narrows the list, beside Django's own filters."""
        given = [each for spec in self.filter_specs for each in getattr(spec, "filters", ())]
        text, column = self.query.strip(), self.model_admin.searched_column
        return (*given, *([Contains(column, text)] if text and column else []))

    @property
    def is_descending(self) -> bool:
        """Of the one order that a list has, unless its header was clicked."""
        asked = self.params.get(ORDER_VAR)
        return asked.startswith("-") if asked else bool(self.model_admin.descending)

    @property
    def workspaces(self) -> list[str] | None:
        """The workspace that is chosen, else those that the user may see; None for all of them."""
        chosen = [getattr(spec, "chosen", None) for spec in self.filter_specs]
        if named := [workspace.pk for workspace in chosen if workspace is not None]:
            return named
        offered = offered_workspaces(self.opened_by)
        if len(offered) <= listing.MOST_MERGED:
            return [workspace.pk for workspace in offered]
        return reachable_workspaces(self.opened_by.user)

    @property
    def is_narrowed_by_django(self) -> bool:
        """Whether the queryset holds more than what the user may see and what `filters` say."""
        specs = [spec for spec in self.filter_specs if hasattr(spec, "filters")]
        ours = {name for spec in specs for name in getattr(spec, "parameters", ())}
        is_searched = bool(self.query) and not self.model_admin.searched_column
        return is_searched or not ours.issuperset(self.get_filters_params())

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        return []  # the listing says by what the rows are ordered

    @property
    def note_on_order(self) -> str:
        """What to tell about an order that no column shows."""
        if self.sortable_by or not self.model_admin.sortable_by:
            return ""
        return (
            "Of several workspaces together, in the order in which ids were given out: for imported rows "
            "that is not the order of time. Choose a workspace to see that."
        )

    def get_ordering_field_columns(self) -> dict[int, Any]:
        direction = "desc" if self.is_descending else "asc"
        return {index: direction for index, name in enumerate(self.list_display) if name in self.sortable_by}

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        text = self.query
        if self.model_admin.searched_column:
            self.query = ""
        rows = super().get_queryset(request, *args, **kwargs)
        self.query = text
        self.source = plan(self.listing(rows.none() if self.problems else rows, request))
        if self.source.order == ("id",) and "id" not in self.sortable_by:
            self.sortable_by = ()  # no column shows this order, nor may one claim it
        # An action changes all rows that match; a page is read from the source.
        found: Any = self.source.queryset if request.method == "POST" else rows
        return found.in_order(self.source.order, descending=self.is_descending)

    def listing(self, rows: Any, request: HttpRequest) -> Listing:
        """What is asked for, of `rows` as Django's own filters leave them."""
        order = self.model_admin.order_of(self.filters)
        has_tenants = self.model_admin.merges_workspaces
        is_whole = has_tenants and not self.problems and not self.is_narrowed_by_django
        return Listing(
            model=self.model,
            workspaces=self.workspaces if has_tenants else None,
            filters=self.filters,
            order=Order(order.names, self.is_descending, order.across),
            rows=None if is_whole else rows,
            most_searched=parley_settings().count_ceiling,
            is_repeated=request.method == "POST",
        )

    def get_results(self, request: HttpRequest) -> None:
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.paginator.source = self.source
        self.result_count = self.paginator.count
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.result_count <= self.list_max_show_all
        self.multi_page = self.result_count > self.list_per_page
        self.result_list = list(self.model_admin.rows_of_list(self._rows(), self.query))
        self.kept_count = self.source.kept() if self.paginator.is_cut else None

    def _rows(self) -> Any:
        """Of the page that is asked for; of the last one for a number beyond."""
        if self.show_all and self.can_show_all:
            return self.paginator.rows(0, self.result_count)
        page = self.paginator.get_page(max(self.page_num, 1))
        self.page_num = page.number
        return page.object_list

    @property
    def count_text(self) -> str:
        """How many rows match, as far as that is known: `10,000+` where they were not all counted."""
        if self.kept_count is not None:
            return f"{self.kept_count:,}"
        return f"{self.result_count:,}{'+' if self.paginator.is_cut else ''}"

    def url_for_result(self, result: Any) -> str:
        return page_of(self.opened_by, self.model_admin.admin_site, self.model, result.pk)


class ListAdmin(StaffAdmin[Row]):
    """Lists by StoreChangeList. Subclasses say in which order, and what a page of theirs reads."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would be a count of the whole table
    list_per_page = 50
    sortable_by: ClassVar[Any] = ()
    """The column whose header turns the order around, if any."""
    descending = False
    searched_column: ClassVar[str] = ""
    """The folded text that the search box looks in; empty where Django's own search is used."""
    merges_workspaces: ClassVar[bool] = False
    """Whether the rows of several workspaces come in one order, and their totals are kept."""

    class Media:
        css = {"all": ["parley/wrap.css", "parley/lists.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StoreChangeList

    def order_of(self, filters: Sequence[Filter]) -> Order:
        """The order in which a list that is narrowed so is read from the top."""
        return Order(("id",))

    def rows_of_list(self, rows: Any, term: str) -> Any:
        """The rows of a page, given as a query, with what its columns show."""
        return rows

    def note_on_search(self, term: str) -> str:
        """What to tell about how a text was searched for, if anything."""
        return ""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters on the page. Django would take any column: a digest letter by letter, say."""
        if lookup.split("__")[0] not in {field.name for field in self.opts.get_fields()}:
            return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]
        return lookup in _parameters(self.get_list_filter(request) if request else self.list_filter)

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        if not all(may_be_key(self.model, key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("A key of no row was selected")
        return super().response_action(request, queryset, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist is not None and "selection_note_all" in response.context_data:  # type: ignore[attr-defined]
            note = f"All {changelist.count_text} selected"
            response.context_data["selection_note_all"] = note  # type: ignore[attr-defined]
        return response


def may_be_key(model: type[Any], text: str) -> bool:
    """Whether a row of this model could have this primary key: Django fails on letters for a number."""
    try:
        model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return True


def _parameters(list_filter: Any) -> set[str]:
    """The parameters that these filters take."""
    names: set[str] = set()
    for item in list_filter:
        spec = item[0] if isinstance(item, list | tuple) else item
        if isinstance(spec, str):  # a column, by a filter of Django's own
            names |= {spec, *(f"{spec}__{lookup}" for lookup in ("exact", "isnull", "in", "gte", "lt"))}
        else:
            names |= {*getattr(spec, "parameters", ()), getattr(spec, "parameter_name", "")}
    return names
