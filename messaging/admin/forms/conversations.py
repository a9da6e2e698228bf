"""The form of a conversation says what its columns mean to people, and what they do not enforce."""

from messaging.models import Conversation

from .versioned import VersionedForm

__all__ = ["ConversationForm"]

KEPT = "Kept for the application. It changes nothing about who may read the conversation."


class ConversationForm(VersionedForm[Conversation]):
    class Meta:
        model = Conversation
        fields = "__all__"
        help_texts = {"is_public": KEPT, "collections": f"{KEPT} Separated by commas, or one on each line."}
