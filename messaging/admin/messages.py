from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Message
from messaging.services import delete_message, update_message

from .actions.deletion import below_messages
from .actions.exporting import Exportable
from .actions.messages import (
    DeleteMessages,
    RedactMessages,
    TagMessages,
    UntagMessages,
)
from .actions.redact import Redactable
from .base import changes, deletion
from .forms.messages import MessageForm
from .lists.find import FindAdmin
from .lists.messages import MessageListAdmin
from .transcript import MessagePlaces, answers_to


@admin.register(Message)
class MessageAdmin(MessagePlaces, Redactable, Exportable, FindAdmin, MessageListAdmin):
    form = MessageForm
    redact_action = RedactMessages()
    actions = (TagMessages(), UntagMessages(), redact_action, DeleteMessages(), "export_as_jsonl")
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        is_redacted = obj is not None and obj.redacted_at
        return (*self.readonly_fields, "content") if is_redacted else self.readonly_fields

    def about_redaction(self, request: HttpRequest, obj: Message) -> dict[str, Any]:
        """`answers`: the messages that answer its tool calls; None where it makes none."""
        return {"answers": answers_to(obj, self.reader(request))}

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        if given := changes(form):
            update_message(
                workspace_id=obj.workspace_id,
                message_id=obj.pk,
                changes=given,
                expected_version=form.expected_version,
            )

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        delete_message(workspace_id=obj.workspace_id, message_id=obj.pk)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deletion(objs, below_messages(Message.objects.filter(pk__in=[obj.pk for obj in objs])))
