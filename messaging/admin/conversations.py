"""The admin of conversations: list, transcript, form and actions."""

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Conversation
from messaging.services import update_conversation

from .actions.conversations import DELETE_CONVERSATIONS, REDACT_CONVERSATIONS, STATUS_ACTIONS
from .actions.exporting import Exportable
from .actions.importing import ImportPage
from .actions.row import CountedDeletion, Redactable
from .forms.saving import changes
from .forms.versioned import VersionedForm
from .lists.conversations import ConversationListAdmin
from .transcript import TranscriptPages

KEPT = "Kept for the application. It changes nothing about who may read the conversation."


class ConversationForm(VersionedForm[Conversation]):
    class Meta:
        model = Conversation
        fields = "__all__"
        help_texts = {"is_public": KEPT, "collections": f"{KEPT} Separated by commas, or one on each line."}


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
    row_action, deletion = REDACT_CONVERSATIONS, DELETE_CONVERSATIONS
    actions = (*STATUS_ACTIONS, REDACT_CONVERSATIONS, DELETE_CONVERSATIONS, "export_as_jsonl")
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
