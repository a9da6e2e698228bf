from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Conversation
from messaging.services import delete_conversation, update_conversation

from .base import SearchedAdmin, changes, deletion
from .exporting import Exportable
from .filters import WorkspaceFilter
from .importing import ImportPage


@admin.register(Conversation)
class ConversationAdmin(Exportable, ImportPage, SearchedAdmin):
    list_display = ("__str__", "workspace", "status", "user_id", "message_count", "updated_at")
    list_select_related = ("workspace",)
    list_filter = ("status", WorkspaceFilter)
    search_fields = ("title",)
    search_help_text = "Part of the title"
    ordering = ("-updated_at", "-id")
    readonly_fields = (
        "id",
        "workspace",
        "owner_id",
        "created_by",
        "message_count",
        "created_at",
        "updated_at",
    )

    def save_model(self, request: HttpRequest, obj: Conversation, form: Any, change: bool) -> None:
        update_conversation(workspace_id=obj.workspace_id, conversation_id=obj.pk, changes=changes(form))

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        delete_conversation(workspace_id=obj.workspace_id, conversation_id=obj.pk)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deletion(objs, {"messages": sum(conversation.message_count for conversation in objs)})
