"""What narrows the lists, beside the search."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Workspace
from messaging.rights import visible_to

__all__ = ["WorkspaceFilter"]


class WorkspaceFilter(admin.SimpleListFilter):
    """One of the workspaces that the user may see."""

    title = "workspace"
    parameter_name = "workspace"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(row.pk, str(row)) for row in visible_to(request.user, Workspace.objects.all())]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(workspace=self.value()) if self.value() else queryset
