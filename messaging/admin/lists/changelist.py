"""Lists whose cost does not grow with the table: counted up to a ceiling, ordered by what an index serves."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from messaging.admin.pages import page_of
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Row, TypedPaginator
from messaging.conf import parley_settings

from .filters import offered_workspaces
from .search import needs_bound

__all__ = ["BoundedPaginator", "ListAdmin", "StoreChangeList", "may_be_key"]

MOST_MERGED = 50
"""Workspaces whose rows are listed in one order: each takes a walk of its own through an index."""


class BoundedPaginator(TypedPaginator[Any]):
    """Pages of the first `count_ceiling` rows: what lies deeper is reached by narrowing, not by an offset.

    One statement reads their keys in order. They are the count and all pages: where few rows match, they are
    looked for once; where many do, the index that gives the order is walked this far and no farther.
    """

    merged: Sequence[str] = ()
    """Workspaces whose rows are walked through one by one, where no index has the order of them all."""

    @cached_property
    def keys(self) -> list[Any]:
        """Of the rows that pages lead to, and of one more if there are more."""
        rows: Any = self.object_list
        if not isinstance(rows, QuerySet):
            return list(rows)
        number = parley_settings().count_ceiling + 1
        if self.merged:
            return _merged_keys(rows, self.merged, number)
        return list(rows.values_list("pk", flat=True)[:number])

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
        found = super().page(number)
        if isinstance(self.object_list, QuerySet):
            start = (found.number - 1) * self.per_page
            found.object_list = self.rows(start, start + self.per_page)
        return found

    def rows(self, start: int, stop: int) -> Any:
        """From one place to another."""
        rows: Any = self.object_list
        keys = self.keys[start : min(stop, self.count)]
        # Asked for anew: nothing that narrowed the list has to be looked at again.
        again = rows.model._default_manager.using(rows.db).filter(pk__in=keys).order_by(*rows.query.order_by)
        again.query.select_related = rows.query.select_related
        return again


class StoreChangeList(ChangeList):
    """A list of rows of the store: what `given` narrows it by decides the order and spares counting."""

    model_admin: Any
    sortable_by: Any

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
    def given(self) -> dict[str, Any]:
        """What the list is narrowed by, under the names of the parameters; an only workspace too."""
        given: dict[str, Any] = {}
        if len(self.workspaces) == 1:
            given["workspace"] = self.workspaces[0]
        given |= {name: values[-1] for name, values in self.get_filters_params().items() if values[-1]}
        for spec in self.filter_specs:
            given |= getattr(spec, "given", {})
        return given

    @property
    def is_descending(self) -> bool:
        """Of the one order that a list has, unless its header was clicked."""
        asked = self.params.get(ORDER_VAR)
        return asked.startswith("-") if asked else bool(self.model_admin.descending)

    @cached_property
    def workspaces(self) -> list[str]:
        """Those that the user may see, where the list depends on which they are."""
        offered = offered_workspaces(self.opened_by) if self.model_admin.merges_workspaces else []
        return [row.pk for row in offered]

    @cached_property
    def merged(self) -> list[str]:
        """The workspaces whose rows are merged into one order; none where the list is of one, or of too many.

        A search that looks at the first rows of the list alone would look at those of each.
        """
        if "workspace" in self.given or needs_bound(self.query.strip()):
            return []
        return self.workspaces if len(self.workspaces) <= MOST_MERGED else []

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        is_within = bool(self.merged) or "workspace" in self.given
        names = self.model_admin.index_order(self.given, is_within=is_within)
        if names == ("id",) and "id" not in self.sortable_by:
            self.sortable_by = ()  # no column shows this order, nor may one claim it
        return [f"-{name}" if self.is_descending else name for name in names]

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
        found = super().get_queryset(request, *args, **kwargs)
        if len(self.workspaces) == 1:  # named, so that an index that begins with it may give the order
            found = found.filter(workspace=self.workspaces[0])
        elif self._names_workspaces:
            found = found.filter(workspace__in=self.workspaces)
        self.plain_queryset = found
        return self.model_admin.for_index(self.plain_queryset, self.given)

    @property
    def _names_workspaces(self) -> bool:
        """Whether all workspaces are named, one by one, for a filter that an index answers only then.

        The names of many are compared with every row that is walked past: 18 s of a million rows and 900
        names, where a look at the tags themselves takes 0.6.
        """
        by_terms = bool(self.given.keys() & self.model_admin.found_by_terms)
        are_few = len(self.workspaces) <= MOST_MERGED
        return by_terms and are_few and not self.merged and "workspace" not in self.given

    def get_results(self, request: HttpRequest) -> None:
        rows = self.plain_queryset if self.merged else self.queryset
        self.paginator = self.model_admin.get_paginator(request, rows, self.list_per_page)
        self.paginator.merged = self.merged
        self.result_count = self.paginator.count
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.result_count <= self.list_max_show_all
        self.multi_page = self.result_count > self.list_per_page
        self.result_list = list(self.model_admin.rows_of_list(self._rows(), self.query))
        self.kept_count = None
        if self.paginator.is_cut and not self.query:
            self.kept_count = self.model_admin.kept_count(request, self.given)

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
    """Lists by StoreChangeList. Subclasses say by which index, and what a page of theirs reads."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would be a count of the whole table
    list_per_page = 50
    sortable_by: ClassVar[Any] = ()
    """The column whose header turns the order around, if any."""
    descending = False
    found_by_terms: ClassVar[Collection[str]] = ()
    """Filters that an index answers only for named workspaces: see `messaging.index.terms`."""
    merges_workspaces: ClassVar[bool] = False
    """Whether the order is one that an index gives for each workspace."""

    class Media:
        css = {"all": ["parley/wrap.css", "parley/lists.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StoreChangeList

    def index_order(self, given: Mapping[str, Any], *, is_within: bool) -> tuple[str, ...]:
        """Columns by which a list that is narrowed so can be read in order from an index.

        `is_within`: it is read workspace by workspace, so that an index may begin with it.
        """
        return ("id",)

    def for_index(self, queryset: Any, given: Mapping[str, Any]) -> Any:
        """The same rows, asked for in the way in which an index finds them."""
        return queryset

    def kept_count(self, request: HttpRequest, given: Mapping[str, Any]) -> int | None:
        """How many rows a list that is narrowed so has, where that is kept; None where it is not."""
        return None

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


def _merged_keys(rows: Any, workspaces: Sequence[str], number: int) -> list[Any]:
    """The keys of the first of these rows in their order: as many of each workspace, which are merged."""
    if rows.query.is_empty():  # a filter was given what makes no sense; Django unites no such queries
        return []
    key, order = rows.model._meta.pk.name, rows.query.order_by
    columns = dict.fromkeys((key, *(name.lstrip("-") for name in order)))
    walks = [rows.filter(workspace=workspace).values_list(*columns) for workspace in workspaces]
    if connections[rows.db].features.supports_slicing_ordering_in_compound:
        walks = [walk[:number] for walk in walks]
    else:  # SQLite, which brings the order of the whole into each of them by itself
        walks = [walk.order_by() for walk in walks]
    merged = walks[0].union(*walks[1:], all=True).order_by(*order)
    return [found[0] for found in merged[:number]]


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
