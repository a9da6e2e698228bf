"""The filter by workspace, which offers those that the user may see."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.models import Workspace
from messaging.rights import visible_to

from .filters import FormFilter, text_field

MANY_WORKSPACES = 30
"""More than these are typed rather than picked from a list of links."""
MOST_SUGGESTED = 1_000


def offered_workspaces(request: HttpRequest) -> list[Workspace]:
    """The workspaces that the user may see, by name; at most one more than are suggested."""
    if not hasattr(request, "_parley_offered"):
        visible = visible_to(request.user, Workspace.objects.order_by("name", "id"))
        request._parley_offered = list(visible.only("name", "slug")[: MOST_SUGGESTED + 1])  # type: ignore[attr-defined]
    offered: list[Workspace] = request._parley_offered  # type: ignore[attr-defined]
    return offered


class WorkspaceFilter(FormFilter):
    """One of the workspaces that the user may see: a list of links, or a text field where they are many.

    It has no `filters`, as the listing names the workspace itself.
    """

    title = _("workspace")
    fields = {
        "workspace": text_field(
            _("Name, slug or id"), widget=forms.TextInput(attrs={"list": "workspaces_to_filter_by"})
        )
    }

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        self.offered = offered_workspaces(request)
        self.chosen = self._chosen(visible_to(request.user, Workspace.objects.all()))
        if len(self.offered) <= MANY_WORKSPACES:
            self.template = "admin/filter.html"

    def _chosen(self, visible: QuerySet[Workspace]) -> Workspace | None:
        asked = self.form.cleaned_data.get("workspace")
        if not asked:
            return None
        named = [row for row in self.offered if asked in (row.pk, row.slug, row.name)]
        if not named and len(self.offered) > MOST_SUGGESTED:
            named = list(visible.filter(Q(pk=asked) | Q(slug=asked) | Q(name=asked))[:2])
        return (
            named[0] if len(named) == 1 else next((row for row in named if asked in (row.pk, row.slug)), None)
        )

    @property
    def problems(self) -> list[str]:
        asked = self.used_parameters.get("workspace")
        if not asked or self.chosen:
            return []
        return [gettext("No workspace that you may see is called “%(name)s”.") % {"name": asked}]

    def has_output(self) -> bool:
        return len(self.offered) > 1 or bool(self.used_parameters)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(workspace=self.chosen) if self.chosen else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        if self.template != "admin/filter.html":
            [form] = super().choices(changelist)
            yield form | {"suggestions": self.offered[:MOST_SUGGESTED]}
            return
        everything = changelist.get_query_string(remove=["workspace"])
        yield {"selected": not self.used_parameters, "query_string": everything, "display": gettext("All")}
        for row in self.offered:
            yield {
                "selected": row == self.chosen,
                "query_string": changelist.get_query_string({"workspace": row.pk}),
                "display": str(row),
            }
