from typing import Self

from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone

from messaging.index.filters import Contains
from messaging.index.querysets import TenantQuerySet
from messaging.index.terms import IndexTermsField
from messaging.sql.derived import DerivingModel
from messaging.sql.fields import (
    CodePointField,
    FoldedTextField,
    IdField,
    ObjectField,
    TagsField,
)
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantModel
from messaging.values.choices import ConversationStatus

from .workspace import Workspace


class ConversationQuerySet(TenantQuerySet["Conversation"]):
    """Narrowed by `narrow` as a listing is. Name the workspace first: index keys are within it."""

    def search(self, text: str) -> Self:
        """Title contains the text, case ignored."""
        return self.narrow(Contains("search_title", text))

    def total_messages(self) -> int:
        """Sum of the kept counters: exact, and as cheap as the conversations are few."""
        total: int | None = self.aggregate(total=Sum("message_count"))["total"]
        return total or 0


class Conversation(DerivingModel, TenantModel):
    """A dialogue. Its row is the lock and the counter of its messages: who holds it hands out `seq`."""

    id = IdField(prefix="conv")
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="conversations", db_index=False
    )
    external_id = CodePointField(max_length=255, null=True, editable=False)
    """The caller's own id of the conversation, unique in its workspace; null where the caller has none."""
    title = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001  null on the wire
    search_title = FoldedTextField(source="title")
    summary = models.TextField(null=True, blank=True)  # noqa: DJ001
    status = models.CharField(
        max_length=10, choices=ConversationStatus.choices, default=ConversationStatus.ACTIVE
    )
    is_public = models.BooleanField(default=False)
    collections = TagsField(default=list, blank=True)
    meta_data = ObjectField(default=dict, blank=True)
    index_terms = IndexTermsField(scopes=["workspace_id"], lists=["collections"], objects=["meta_data"])
    settings = ObjectField(default=dict, blank=True)
    user_id = CodePointField(max_length=255, null=True, blank=True)
    """The end user whose conversation it is, an id of the caller's own system."""
    owner_id = CodePointField(max_length=255, null=True, blank=True)
    created_by = CodePointField(max_length=255, null=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_seq = models.BigIntegerField(default=0, editable=False)
    """The highest `seq` handed out. Never goes down, so a number is never used twice."""
    last_created_at = models.DateTimeField(null=True, editable=False)
    """The latest `created_at` of any message that it has ever held; null before the first. Never goes down,
    not by a deletion either: a message without a time of its own is never dated before it."""
    message_count = models.BigIntegerField(default=0, editable=False)
    active_run = CodePointField(max_length=40, null=True, editable=False)
    """Id of the run that holds the thread locked, if one does."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    """Of the row or its list of messages. Never goes back, so it also is the clock of new messages."""

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "workspace"], name="parley_conversation_tenant"),
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=Q(external_id__isnull=False),
                name="parley_conversation_external_id",
            ),
            TenantReference("active_run", to="parley_run", name="parley_conversation_active_run_fk"),
        ]
        indexes = [
            # Each message moves the conversation in this index anyway, so the counter costs nothing here and
            # lets an index-only scan sum the messages of many conversations.
            models.Index(
                fields=["workspace", "updated_at", "id", "message_count"], name="parley_conversation_activity"
            ),
            models.Index(fields=["workspace", "created_at", "id"], name="parley_conversation_created"),
            models.Index(
                fields=["workspace", "user_id", "updated_at", "id"], name="parley_conversation_user"
            ),
            models.Index(
                fields=["workspace", "status", "updated_at", "id"], name="parley_conversation_status"
            ),
            models.Index(
                fields=["workspace", "updated_at", "id"],
                name="parley_conversation_public",
                condition=Q(is_public=True),
            ),
            # The foreign key reads this index when a run is deleted.
            models.Index(
                fields=["active_run", "workspace"],
                name="parley_conversation_held",
                condition=Q(active_run__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.pk
