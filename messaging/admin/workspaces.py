"""The admin of workspaces: list with figures, form with memberships, dashboard."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseFormSet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime

from messaging.index.filters import Filter
from messaging.index.listing import Order
from messaging.models import Membership, Workspace
from messaging.rights import reachable_workspaces
from messaging.services import create_workspace, update_workspace

from .actions.conversations import DELETE_WORKSPACES
from .actions.row import CountedDeletion
from .dashboard.page import DashboardPage
from .forms.saving import ServiceAdmin, become, changes
from .forms.versioned import VersionedForm
from .lists.figures import FIGURES, with_figures
from .lists.lookup import LookupAdmin
from .memberships import MembershipInline
from .typed import TypedForm


class WithFigures(Protocol):
    """A workspace as `with_figures` reads it."""

    conversation_total: int
    message_total: int
    active_keys: int
    members: int
    last_activity: datetime | None


@admin.register(Workspace)
class WorkspaceAdmin(
    DashboardPage, CountedDeletion[Workspace], ServiceAdmin[Workspace], LookupAdmin[Workspace]
):
    deletion = DELETE_WORKSPACES
    actions = (DELETE_WORKSPACES,)
    list_display = ("name", "slug", *FIGURES)
    search_fields = ("name", "slug", "id")
    search_help_text = "Part of name or slug, or an id of anything"
    fields = ("name", "slug", "meta_data", "id", *FIGURES, "created_at", "updated_at")
    readonly_fields = ("id", *FIGURES, "created_at", "updated_at")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)

    def order_of(self, filters: Sequence[Filter]) -> Order:
        return Order(("name", "id"))

    def rows_of_list(self, rows: QuerySet[Workspace], term: str) -> QuerySet[Workspace]:
        return with_figures(rows.defer("meta_data"))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Workspace | None:
        workspace = super().get_object(request, object_id, from_field)
        if workspace is not None:
            rows = with_figures(Workspace.objects.filter(pk=workspace.pk))
            workspace.__dict__.update(rows.values(*FIGURES).get())
        return workspace

    @admin.display(description="Conversations")
    def conversation_total(self, workspace: WithFigures) -> str:
        return f"{workspace.conversation_total:,}"

    @admin.display(description="Messages")
    def message_total(self, workspace: WithFigures) -> str:
        return f"{workspace.message_total:,}"

    @admin.display(description="Active keys")
    def active_keys(self, workspace: WithFigures) -> str:
        return f"{workspace.active_keys:,}"

    @admin.display(description="Members")
    def members(self, workspace: WithFigures) -> str:
        return f"{workspace.members:,}"

    @admin.display(description="Last activity")
    def last_activity(self, workspace: WithFigures) -> str:
        moment = workspace.last_activity
        return date_format(localtime(moment), "DATETIME_FORMAT") if moment else "never"

    def save_model(
        self, request: HttpRequest, obj: Workspace, form: VersionedForm[Workspace], change: bool
    ) -> None:
        if change:
            if given := changes(form):
                update_workspace(workspace_id=obj.pk, changes=given, expected_version=form.expected_version)
        else:
            become(obj, create_workspace(name=obj.name, slug=obj.slug, meta_data=obj.meta_data))

    def save_related(
        self,
        request: HttpRequest,
        form: TypedForm[Workspace],
        formsets: "Sequence[BaseFormSet[Any]]",
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        if not change and reachable_workspaces(request.user) is not None:
            # Membership is what shows a workspace to people without the right to all of them.
            Membership.objects.get_or_create(user_id=request.user.pk or 0, workspace=form.instance)
