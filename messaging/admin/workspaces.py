from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Conversation, Workspace
from messaging.services import create_workspace, delete_workspace, update_workspace

from .base import ServiceAdmin, become, changes, deletion


@admin.register(Workspace)
class WorkspaceAdmin(ServiceAdmin):
    list_display = ("name", "slug", "id", "created_at")
    search_fields = ("name", "slug", "id")
    readonly_fields = ("id", "created_at", "updated_at")
    prepopulated_fields = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if change:
            update_workspace(workspace_id=obj.pk, changes=changes(form))
        else:
            become(obj, create_workspace(name=obj.name, slug=obj.slug, meta_data=obj.meta_data))

    def delete_model(self, request: HttpRequest, obj: Workspace) -> None:
        delete_workspace(workspace_id=obj.pk, force=True)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        conversations = Conversation.objects.filter(workspace__in=[workspace.pk for workspace in objs])
        counts = {"conversations": conversations.count(), "messages": conversations.total_messages()}
        return deletion(objs, counts)
