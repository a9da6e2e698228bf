"""The form of a message says what else a new text would change."""

from typing import Any

from messaging.content import items_in
from messaging.models import Message

from .versioned import VersionedForm

__all__ = ["MessageForm"]

ROLES = "user, assistant, system or tool; agents may use words of their own."
SENDER = "The author; of assistant and tool messages the end user whom they serve."


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
