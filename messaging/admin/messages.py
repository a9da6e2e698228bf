"""The admin of messages: list, permalink, form and actions."""

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Message
from messaging.services import delete_message, update_message

from .actions.deletion import CountedDeletion, below_messages
from .actions.exporting import Exportable
from .actions.messages import DeleteMessages, RedactMessages, TagMessages, UntagMessages
from .actions.redact import Redactable
from .forms.messages import MessageForm
from .forms.saving import changes
from .lists.lookup import LookupPage
from .lists.messages import MessageListAdmin
from .transcript import MessagePages, answers_to
from .typed import Context

EDITABLE = frozenset(
    ["role", "sender_id", "message_type", "content", "tags", "meta_data", "parent_message_id"]
)


@admin.register(Message)
class MessageAdmin(
    MessagePages,
    Redactable[Message],
    Exportable[Message],
    CountedDeletion[Message],
    LookupPage[Message],
    MessageListAdmin,
):
    form = MessageForm
    below = staticmethod(below_messages)
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
    readonly_fields = tuple(name for name in fields if name not in EDITABLE)

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        is_redacted = obj is not None and obj.redacted_at
        return (*self.readonly_fields, "content") if is_redacted else self.readonly_fields

    def about_redaction(self, request: HttpRequest, obj: Message) -> Context:
        """`answers`: the messages that answer its tool calls; None where it makes none."""
        return {"answers": answers_to(obj, self.reader(request))}

    def save_model(self, request: HttpRequest, obj: Message, form: MessageForm, change: bool) -> None:
        if given := changes(form):
            update_message(
                workspace_id=obj.workspace_id,
                message_id=obj.pk,
                changes=given,
                expected_version=form.expected_version,
            )

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        delete_message(workspace_id=obj.workspace_id, message_id=obj.pk)
