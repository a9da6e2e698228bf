"""The admin of conversations: list, transcript, form and actions."""

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Conversation
from messaging.services import delete_conversation, update_conversation
from messaging.values.choices import ConversationStatus

from .actions.conversations import DeleteConversations, RedactConversations, StatusAction
from .actions.deletion import CountedDeletion, below_conversations
from .actions.exporting import Exportable
from .actions.importing import ImportPage
from .actions.redact import Redactable
from .forms.conversations import ConversationForm
from .forms.saving import changes
from .lists.conversations import ConversationListAdmin
from .transcript import TranscriptPages


@admin.register(Conversation)
class ConversationAdmin(
    TranscriptPages,
    Redactable[Conversation],
    Exportable[Conversation],
    ImportPage,
    CountedDeletion[Conversation],
    ConversationListAdmin,
):
    form = ConversationForm
    below = staticmethod(below_conversations)
    redact_action = RedactConversations()
    actions = (
        StatusAction(ConversationStatus.ARCHIVED, "Archive", "Archived"),
        StatusAction(ConversationStatus.ENDED, "End", "Ended"),
        StatusAction(ConversationStatus.ACTIVE, "Reactivate", "Reactivated"),
        redact_action,
        DeleteConversations(),
        "export_as_jsonl",
    )
    readonly_fields = (
        "id",
        "workspace",
        "owner_id",
        "created_by",
        "message_count",
        "created_at",
        "updated_at",
    )

    def save_model(
        self, request: HttpRequest, obj: Conversation, form: ConversationForm, change: bool
    ) -> None:
        if given := changes(form):
            update_conversation(
                workspace_id=obj.workspace_id,
                conversation_id=obj.pk,
                changes=given,
                expected_version=form.expected_version,
            )

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        delete_conversation(workspace_id=obj.workspace_id, conversation_id=obj.pk)
