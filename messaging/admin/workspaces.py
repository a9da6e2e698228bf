from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Workspace
from messaging.services import create_workspace, delete_workspace, update_workspace

from .base import ServiceAdmin, become, changes, deletion
from .bulk_conversations import DeleteWorkspaces
from .dashboard import DashboardMixin
from .deletion import below_workspaces


@admin.register(Workspace)
class WorkspaceAdmin(DashboardMixin, ServiceAdmin):
    actions = (DeleteWorkspaces(),)
    list_display = ("name", "slug", "id", "created_at")
    search_fields = ("name", "slug", "id")
    readonly_fields = ("id", "created_at", "updated_at")
    prepopulated_fields = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if change:
            if given := changes(form):
                update_workspace(workspace_id=obj.pk, changes=given, expected_version=form.expected_version)
        else:
            become(obj, create_workspace(name=obj.name, slug=obj.slug, meta_data=obj.meta_data))

    def delete_model(self, request: HttpRequest, obj: Workspace) -> None:
        delete_workspace(workspace_id=obj.pk, force=True)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deletion(objs, below_workspaces(Workspace.objects.filter(pk__in=[obj.pk for obj in objs])))
