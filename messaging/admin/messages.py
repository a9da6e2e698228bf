"""The admin of messages: list, permalink, form and actions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime

from messaging.content import items_in
from messaging.models import Message
from messaging.services import update_message

from .actions.exporting import Exportable
from .actions.messages import DELETE_MESSAGES, REDACT_MESSAGES, TAG_MESSAGES, UNTAG_MESSAGES
from .actions.row import CountedDeletion, Redactable
from .forms.saving import changes
from .forms.versioned import VersionedForm
from .lists.lookup import LookupPage
from .lists.messages import MessageListAdmin
from .transcript import MessagePages, answers_to
from .typed import Context

ROLES = "user, assistant, system or tool; agents may use words of their own."
SENDER = "The author; of assistant and tool messages the end user whom they serve."
EDITABLE = frozenset(
    ["role", "sender_id", "message_type", "content", "tags", "meta_data", "parent_message_id"]
)


class MessageForm(VersionedForm[Message]):
    may_become_final = ("content",)  # by redaction

    class Meta:
        model = Message
        fields = "__all__"
        help_texts = {"role": ROLES, "sender_id": SENDER}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "content" in self.fields and (note := _consequences(self.instance)):
            self.fields["content"].help_text = note


def _consequences(message: Message) -> str:
    """What goes, or follows, when the text is changed."""
    items = items_in(message.structured_content)
    notes = []
    if items:
        kinds = ", ".join(sorted({item.type or "unknown" for item in items}))
        notes.append(
            f"It was sent as {len(items)} items ({kinds}): a new text replaces all of them, "
            "and images and files among them go for good."
        )
    if message.has_parts:
        notes.append(
            "A run wrote it in parts: a new text becomes the text or result among them; "
            "reasoning, calls, data and files stay."
        )
    return " ".join(notes)


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
    row_action, deletion = REDACT_MESSAGES, DELETE_MESSAGES
    actions = (TAG_MESSAGES, UNTAG_MESSAGES, REDACT_MESSAGES, DELETE_MESSAGES, "export_as_jsonl")
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

    def already(self, obj: Message) -> str:
        moment = obj.redacted_at
        when = date_format(localtime(moment), "DATETIME_FORMAT") if moment else ""
        return f"It is redacted already: what it said was taken out on {when}" if moment else ""

    def about_action(self, request: HttpRequest, obj: Message) -> Context:
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
