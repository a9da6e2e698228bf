from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime

from messaging.models import Membership, Workspace
from messaging.rights import reachable_workspaces
from messaging.services import create_workspace, delete_workspace, update_workspace

from .actions.conversations import DeleteWorkspaces
from .actions.deletion import below_workspaces
from .base import ServiceAdmin, become, changes, deletion
from .dashboard.page import DashboardMixin
from .lists.figures import FIGURES, with_figures
from .memberships import MembershipInline


@admin.register(Workspace)
class WorkspaceAdmin(DashboardMixin, ServiceAdmin):
    actions = (DeleteWorkspaces(),)
    list_display = ("name", "slug", *FIGURES)
    search_fields = ("name", "slug", "id")
    search_help_text = "Part of name or slug, or an id of anything"
    fields = ("name", "slug", "meta_data", "id", *FIGURES, "created_at", "updated_at")
    readonly_fields = ("id", *FIGURES, "created_at", "updated_at")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)

    def index_order(self, given: Mapping[str, Any], *, is_within: bool) -> tuple[str, ...]:
        return ("name", "id")

    def rows_of_list(self, rows: Any, term: str) -> Any:
        return with_figures(rows.defer("meta_data"))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        workspace = super().get_object(request, object_id, from_field)
        if workspace is not None:
            rows = with_figures(Workspace.objects.filter(pk=workspace.pk))
            workspace.__dict__.update(rows.values(*FIGURES).get())
        return workspace

    @admin.display(description="Conversations")
    def conversation_total(self, workspace: Any) -> str:
        return f"{workspace.conversation_total:,}"

    @admin.display(description="Messages")
    def message_total(self, workspace: Any) -> str:
        return f"{workspace.message_total:,}"

    @admin.display(description="Active keys")
    def active_keys(self, workspace: Any) -> str:
        return f"{workspace.active_keys:,}"

    @admin.display(description="Members")
    def members(self, workspace: Any) -> str:
        return f"{workspace.members:,}"

    @admin.display(description="Last activity")
    def last_activity(self, workspace: Any) -> str:
        moment = workspace.last_activity
        return date_format(localtime(moment), "DATETIME_FORMAT") if moment else "never"

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if change:
            if given := changes(form):
                update_workspace(workspace_id=obj.pk, changes=given, expected_version=form.expected_version)
        else:
            become(obj, create_workspace(name=obj.name, slug=obj.slug, meta_data=obj.meta_data))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change and reachable_workspaces(request.user) is not None:
            # Who sees only workspaces of their own would not see the one they have just made.
            user: Any = request.user
            Membership.objects.get_or_create(user=user, workspace=form.instance)

    def delete_model(self, request: HttpRequest, obj: Workspace) -> None:
        delete_workspace(workspace_id=obj.pk, force=True)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deletion(objs, below_workspaces(Workspace.objects.filter(pk__in=[obj.pk for obj in objs])))
