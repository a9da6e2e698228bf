from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Message
from messaging.services import delete_message, update_message

from .base import SearchedAdmin, changes
from .exporting import Exportable
from .filters import WorkspaceFilter


@admin.register(Message)
class MessageAdmin(Exportable, SearchedAdmin):
    list_display = ("__str__", "role", "sender_id", "workspace", "created_at")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter,)
    search_fields = ("content",)
    search_help_text = "Part of the text"
    ordering = ("-created_at", "-conversation", "-seq")
    fields = (
        "id",
        "workspace",
        "conversation",
        "seq",
        "role",
        "sender_id",
        "message_type",
        "content",
        "structured_content",
        "tool_calls",
        "attachments",
        "tags",
        "meta_data",
        "parent_message_id",
        "sent_at",
        "created_at",
        "updated_at",
        "checksum",
    )
    readonly_fields = (
        "id",
        "workspace",
        "conversation",
        "seq",
        "structured_content",
        "tool_calls",
        "attachments",
        "sent_at",
        "created_at",
        "updated_at",
        "checksum",
    )

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        update_message(workspace_id=obj.workspace_id, message_id=obj.pk, changes=changes(form))

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        delete_message(workspace_id=obj.workspace_id, message_id=obj.pk)
