from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from messaging.index.filters import Contains
from messaging.index.querysets import TenantQuerySet
from messaging.index.terms import IndexTermsField
from messaging.sql.derived import DerivingModel
from messaging.sql.fields import (
    CodePointField,
    ExactJSONField,
    FoldedTextField,
    IdField,
    ObjectField,
    TagsField,
)
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel

from .conversation import Conversation
from .workspace import of_workspace


class MessageQuerySet(TenantQuerySet["Message"]):
    """Narrowed by `narrow` as a listing is. Name the workspace first: index keys are within it."""

    def in_conversation(self, conversation_id: str) -> Self:
        rows = self.filter(conversation_id=conversation_id)
        rows.scope = self.scope._replace(conversation=conversation_id)
        return rows

    def search(self, text: str) -> Self:
        """Content contains the text, case ignored, with the same answer on both databases."""
        return self.narrow(Contains("search_text", text))


class Message(DerivingModel, TenantModel):
    """One utterance, tool call or tool result. What one wire wrote, every wire reads."""

    id = IdField(prefix="msg")
    workspace = of_workspace()
    conversation = TenantForeignKey(Conversation, related_name="messages")
    seq = models.BigIntegerField()
    """Place in the conversation, from 1, handed out under the conversation's lock: the order of arrival."""
    role = CodePointField(max_length=64, default="user")
    content = models.TextField(blank=True)
    """Plain text: what search reads and every wire shows."""
    search_text = FoldedTextField(source="content")
    structured_content = ExactJSONField(null=True, blank=True)
    """The content as it was sent where that was a list of items; null for plain text."""
    content_dialect = CodePointField(max_length=32, null=True, blank=True, editable=False)
    """The dialect whose items these are: it shows them as they were sent, every other one shows the parts."""
    has_parts = models.BooleanField(default=False, editable=False)
    """Its parts are rows; those of other messages are derived on read."""
    sender_id = CodePointField(max_length=255)
    message_type = CodePointField(max_length=64, default="text")
    tool_calls = ExactJSONField(null=True, blank=True)
    tags = TagsField(null=True, blank=True)
    attachments = ExactJSONField(null=True, blank=True)
    parent_message_id = CodePointField(max_length=255, null=True, blank=True)
    meta_data = ObjectField(null=True, blank=True)
    derived_meta_data = ObjectField(null=True, blank=True, editable=False)
    """What wires without parts show in the meta data: which calls the results among the parts answer."""
    index_terms = IndexTermsField(
        scopes=["workspace_id", "conversation_id"],
        lists=["tags"],
        objects=["meta_data"],
        merged={"derived_meta_data": "meta_data"},
        values=["role", "sender_id", "message_type"],
        usual={"message_type": "text"},
    )
    checksum = models.CharField(max_length=64, editable=False)
    """SHA-256, hexadecimal; see `messaging.services.messages.checksum_of`."""
    dedup_key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001
    """Checksum at import, kept when the message is corrected, so that a re-import still finds it.
    Null for live messages: two honest "ok" are two messages."""
    enable_memories = models.BooleanField(default=False)
    """The writer asked for memories to be drawn from this message."""
    sent_at = models.DateTimeField()
    owner_id = CodePointField(max_length=255, null=True, blank=True)
    agent_id = CodePointField(max_length=255, null=True, blank=True)
    run_id = CodePointField(max_length=40, null=True, blank=True)
    """Id of the run that wrote the message. No reference: an import may bring a message without its run, and
    a host's runtime may number its runs itself. Every look-up names the conversation as well."""
    item_id = CodePointField(max_length=255, null=True, editable=False)
    """Id of the item in the dialect that wrote it, unique in its conversation; null where that is our own."""
    token_count = models.PositiveIntegerField(null=True, editable=False)
    """Tokens of the content, as the writer or a counter says; null where nobody has counted."""
    redacted_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When what it said was taken out for good; null where it was not. The wires show it in `meta_data`."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        permissions = [
            ("redact_message", "Can redact messages"),
            ("export_message", "Can export conversations and messages"),
        ]
        constraints = [
            # The conversation leads: this index also serves the foreign key when a conversation goes.
            models.UniqueConstraint(fields=["conversation", "workspace", "seq"], name="parley_message_seq"),
            models.UniqueConstraint(
                fields=["workspace", "conversation", "dedup_key"],
                condition=Q(dedup_key__isnull=False),
                name="parley_message_dedup_key",
            ),
            models.UniqueConstraint(
                fields=["workspace", "conversation", "item_id"],
                condition=Q(item_id__isnull=False),
                name="parley_message_item",
            ),
            models.UniqueConstraint(fields=["id", "workspace"], name="parley_message_tenant"),
            TenantReference("conversation", to="parley_conversation", name="parley_message_conversation_fk"),
        ]
        # Two orders of time, and what few messages have. Anything else is an index key of the row.
        indexes = [
            models.Index(
                fields=["workspace", "conversation", "created_at", "seq"],
                name="parley_message_in_conversation",
            ),
            # Role and sender let the dashboard count from this one without reading a row.
            models.Index(
                fields=["workspace", "created_at", "conversation", "seq", "role", "sender_id"],
                name="parley_message_in_workspace",
            ),
            models.Index(
                fields=["workspace", "parent_message_id", "created_at", "conversation", "seq"],
                name="parley_message_parent",
                condition=Q(parent_message_id__isnull=False),
            ),
            models.Index(
                fields=["workspace", "conversation", "run_id", "created_at", "seq"],
                name="parley_message_run",
                condition=Q(run_id__isnull=False),
            ),
            models.Index(
                fields=["workspace", "conversation", "agent_id", "created_at", "seq"],
                name="parley_message_agent_within",
                condition=Q(agent_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}{'…' if len(self.content) > 60 else ''}"
