"""Lists whose cost does not grow with the table: planned by `messaging.index`, counted up to a ceiling."""

from typing import Any, Literal, cast

from django.contrib import messages
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from messaging.admin.pages import page_of
from messaging.conf import parley_settings
from messaging.index import listing
from messaging.index.filters import Contains, Filter
from messaging.index.listing import Listing, Order
from messaging.index.plan import plan
from messaging.index.querysets import StoreQuerySet
from messaging.index.sources import RowSource
from messaging.rights import reachable_workspaces
from messaging.values.words import grouped

from .paginator import BoundedPaginator
from .workspace_filter import offered_workspaces

Direction = Literal["asc", "desc"]


class StoreChangeList(ChangeList):
    """A list of rows of the store: names what is asked for, and reads it from the planned source."""

    model_admin: Any  # a ListAdmin
    sortable_by: Any
    paginator: BoundedPaginator
    source: RowSource

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.opened_by = request
        super().__init__(request, *args)
        for problem in self.problems:
            messages.error(request, problem)
        if any(isinstance(each, Contains) for each in self.asked.unindexed):
            self.search_help_text = gettext(
                "Fewer than three letters or digits in a row: looked for in the first %(count)s of the list"
                " alone."
            ) % {"count": grouped(parley_settings().count_ceiling)}

    @property
    def note_on_filters(self) -> str:
        """A remark on filters that no index answers for as many workspaces."""
        if all(isinstance(each, Contains) for each in self.asked.unindexed):
            return ""
        figures = {"most": listing.MOST_MERGED, "count": grouped(parley_settings().count_ceiling)}
        note = gettext(
            "Of more than %(most)s workspaces together, what the filters name is looked for in the first"
            " %(count)s of the list alone. Choose a workspace to search all of it."
        )
        return note % figures

    @property
    def problems(self) -> list[str]:
        """What was wrong with values given to the filters; nothing is listed then."""
        return [problem for spec in self.filter_specs for problem in getattr(spec, "problems", ())]

    @property
    def filters(self) -> tuple[Filter, ...]:
        """What narrows the list, except Django's own filters."""
        given = [each for spec in self.filter_specs for each in getattr(spec, "filters", ())]
        text = self.query.strip()
        is_searched = text and self.model_admin.searched_column
        return (*given, *([self.model_admin.sought(text)] if is_searched else []))

    @property
    def is_descending(self) -> bool:
        """Direction of the one order that a list has; a click on its header turns it around."""
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

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return []  # the listing names the order

    @property
    def note_on_order(self) -> str:
        """A remark on an order that no column shows."""
        if self.sortable_by or not self.model_admin.sortable_by:
            return ""
        return gettext(
            "Of several workspaces together, in the order in which ids were given out: for imported rows "
            "that is not the order of time. Choose a workspace to see that."
        )

    def get_ordering_field_columns(self) -> dict[int, Direction]:
        direction: Direction = "desc" if self.is_descending else "asc"
        return {index: direction for index, name in enumerate(self.list_display) if name in self.sortable_by}

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        text = self.query
        if self.model_admin.searched_column:
            self.query = ""
        rows = super().get_queryset(request, *args, **kwargs)
        self.query = text
        self.asked = self.listing(rows.none() if self.problems else rows, request)
        self.source = plan(self.asked)
        if self.source.order == ("id",) and "id" not in self.sortable_by:
            self.sortable_by = ()  # no column shows this order, nor may one claim it
        # An action changes all rows that match; a page is read from the source.
        matched: QuerySet[Any] = self.source.queryset if request.method == "POST" else rows
        names = [f"-{name}" if self.is_descending else name for name in self.source.order]
        ordered: QuerySet[Any] = matched.order_by(*names)
        return ordered

    def listing(self, rows: QuerySet[Any], request: HttpRequest) -> Listing:
        """What is asked for, of `rows` as Django's own filters leave them."""
        order = self.model_admin.order_of(self.filters)
        has_tenants = self.model_admin.merges_workspaces
        is_whole = has_tenants and not self.problems and not self.is_narrowed_by_django
        return Listing(
            model=self.model,
            workspaces=self.workspaces if has_tenants else None,
            filters=self.filters,
            order=Order(order.names, self.is_descending, order.across),
            rows=None if is_whole else cast("StoreQuerySet[Any]", rows),
            most_searched=parley_settings().count_ceiling,
            is_repeated=request.method == "POST",
        )

    def get_results(self, request: HttpRequest) -> None:
        pages = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.paginator = cast(BoundedPaginator, pages)
        self.paginator.source, self.paginator.workspaces = self.source, self.workspaces
        self.result_count = self.paginator.count
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.result_count <= self.list_max_show_all
        self.multi_page = self.result_count > self.list_per_page
        self.result_list = list(self.model_admin.rows_of_list(self._rows(), self.query))
        self.kept_count = self.source.kept() if self.paginator.is_cut else None

    def _rows(self) -> QuerySet[Any]:
        """The rows of the page that is asked for; of the last page for a number beyond it."""
        if self.show_all and self.can_show_all:
            return self.paginator.rows(0, self.result_count)
        page = self.paginator.get_page(max(self.page_num, 1))
        self.page_num = page.number
        return cast("QuerySet[Any]", page.object_list)

    @property
    def count_text(self) -> str:
        """How many rows match, as far as that is known: `10,000+` where they were not all counted."""
        if self.kept_count is not None:
            return grouped(self.kept_count)
        return f"{grouped(self.result_count)}{'+' if self.paginator.is_cut else ''}"

    def url_for_result(self, result: Model) -> str:
        return page_of(self.opened_by, self.model_admin.admin_site, self.model, result.pk)
