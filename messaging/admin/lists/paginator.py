"""Pages of lists, whose cost does not grow with the table."""

from collections.abc import Sequence
from typing import Any, cast

from django.core.paginator import Page
from django.db.models import QuerySet
from django.utils.functional import cached_property

from messaging.admin.typed import TypedPaginator
from messaging.conf import parley_settings
from messaging.index.listing import Window
from messaging.index.sources import RowSource


class BoundedPaginator(TypedPaginator[Any]):
    """Pages of the first `count_ceiling` rows: what lies deeper is reached by narrowing, not by an offset.

    One statement reads their keys in order. They are the count and all pages, however many rows match.
    """

    source: RowSource | None = None
    """The planned source of the rows; None for what Django lists by itself, as the choices of a form."""

    workspaces: Sequence[str] | None = None
    """Whose rows these are; None where nothing says."""

    @cached_property
    def keys(self) -> list[Any]:
        """The keys of the rows that pages lead to, and of one more row if there is one."""
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

    def page(self, number: int | str) -> "Page[Any]":
        """The rows of a page, in their order, by their keys."""
        page = super().page(number)
        if isinstance(self.object_list, QuerySet):
            start = (page.number - 1) * self.per_page
            page.object_list = self.rows(start, start + self.per_page)
        return page

    def rows(self, start: int, stop: int) -> QuerySet[Any]:
        """The rows from one position of the list to another."""
        listed = cast("QuerySet[Any]", self.object_list)
        keys = self.keys[start : min(stop, self.count)]
        # The keys alone select the rows, so the filters of the list are not evaluated again.
        rows = self._confined(listed.model._default_manager.using(listed.db).filter(pk__in=keys))
        rows = rows.order_by(*listed.query.order_by)
        rows.query.select_related = listed.query.select_related
        return rows

    def _confined(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with their workspaces named: those of the list, else those that the rows belong to."""
        columns = {field.name for field in rows.model._meta.fields if not field.null}
        if "workspace" not in columns:  # jobs of the store are nobody's
            return rows
        workspaces = self.workspaces
        if workspaces is None:
            workspaces = list(rows.order_by().values_list("workspace", flat=True).distinct())
        return rows.filter(workspace__in=workspaces)
