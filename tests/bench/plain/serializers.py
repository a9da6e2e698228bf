from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone
from rest_framework import serializers

from messaging.models import Message, Part

if TYPE_CHECKING:  # generic to the type checker alone
    MessageBase = serializers.ModelSerializer[Message]
    PartBase = serializers.ModelSerializer[Part]
else:
    from rest_framework.serializers import ModelSerializer as MessageBase
    from rest_framework.serializers import ModelSerializer as PartBase


class MessageSerializer(MessageBase):
    """The seventeen fields that our own wire answers, too."""

    class Meta:
        model = Message
        fields = (
            "created_at",
            "updated_at",
            "id",
            "conversation",
            "sender_id",
            "role",
            "content",
            "tool_calls",
            "message_type",
            "tags",
            "checksum",
            "attachments",
            "parent_message_id",
            "meta_data",
            "sent_at",
            "owner_id",
            "workspace_id",
        )
        read_only_fields = ("created_at", "updated_at", "sent_at")

    def create(self, validated_data: Any) -> Message:
        """Numbered by a look at what is there, which is what one writes before one meets a race."""
        conversation, now = validated_data["conversation"], timezone.now()
        last = conversation.messages.aggregate(last=Max("seq"))["last"] or 0
        return super().create(
            validated_data
            | {"workspace_id": conversation.workspace_id, "seq": last + 1, "created_at": now, "sent_at": now}
        )


class PartSerializer(PartBase):
    class Meta:
        model = Part
        exclude = ("workspace", "message")


class ThreadMessageSerializer(MessageBase):
    """A message with its parts."""

    parts = PartSerializer(many=True)

    class Meta:
        model = Message
        fields = (
            "id",
            "created_at",
            "conversation",
            "role",
            "content",
            "parts",
            "agent_id",
            "run_id",
            "meta_data",
        )
