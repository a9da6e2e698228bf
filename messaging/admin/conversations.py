from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Conversation
from messaging.services import delete_conversation, update_conversation

from .base import changes, deletion
from .conversation_list import ConversationListAdmin


@admin.register(Conversation)
class ConversationAdmin(ConversationListAdmin):
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
