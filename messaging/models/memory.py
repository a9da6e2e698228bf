from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.derived import DerivingModel
from messaging.sql.fields import CodePointField, FoldedTextField, IdField, ObjectField, TagsField
from messaging.sql.tenancy import TenantModel
from messaging.values.choices import MemoryState

from .workspace import Workspace


class MemoryQuerySet(TenantQuerySet["Memory"]):
    """Narrowed by who is meant, and by whether a memory is shown."""

    def live(self) -> Self:
        """Those that are shown: hidden ones wait to be drawn anew."""
        return self.filter(state=MemoryState.LIVE)

    def hidden(self) -> Self:
        """Those that wait to be drawn anew from the sources that are left."""
        return self.filter(state=MemoryState.HIDDEN)

    def of_user(self, user_id: str) -> Self:
        return self.filter(user_id=user_id)


class Memory(DerivingModel, TenantModel):
    """What is known of an end user: drawn from messages by an extractor, or written by a client.

    A hidden one holds no words: one of its sources is gone, and it waits to be drawn anew from the others.
    """

    id = IdField(verbose_name=_("id"), prefix="mem")
    workspace = models.ForeignKey(
        Workspace, verbose_name=_("workspace"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    user_id = CodePointField(_("user id"), max_length=255)
    """The end user whom it is about, an id of the caller's own system. It never changes."""
    memory = models.TextField(_("memory"), blank=True)
    """What is known, a sentence; empty while it is hidden."""
    search_text = FoldedTextField(verbose_name=_("search text"), source="memory")
    memory_type = CodePointField(_("memory type"), max_length=64, default="user")
    topics = TagsField(_("topics"), null=True, blank=True)
    metadata = ObjectField(_("metadata"), null=True, blank=True)
    text_hash = models.CharField(_("text hash"), max_length=64, null=True, editable=False)  # noqa: DJ001
    """SHA-256, hexadecimal, of the normalised text, by which a user has no memory twice; null for a hidden
    one. See `messaging.services.memories.stored.hash_of`."""
    state = models.CharField(
        _("state"), max_length=10, choices=MemoryState.choices, default=MemoryState.LIVE, editable=False
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    """Goes up by one with each change: that of the revision which tells of it."""
    extractor = CodePointField(_("extractor"), max_length=255, null=True, editable=False)
    """What drew it from messages; null for one that a client wrote."""
    extractor_version = CodePointField(_("extractor version"), max_length=64, null=True, editable=False)
    embedding = models.BinaryField(_("embedding"), null=True, editable=False)
    """Of its present text, as `embedder` writes it; null where there is none."""
    embedder = CodePointField(_("embedder"), max_length=255, null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    objects = MemoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("memory")
        verbose_name_plural = _("memories")
        ordering = ("-updated_at", "-id")
        permissions = [("redraw_memory", "Can have memories drawn anew")]
        constraints = [
            models.UniqueConstraint(fields=["id", "workspace"], name="parley_memory_tenant"),
            models.UniqueConstraint(
                fields=["workspace", "user_id", "text_hash"],
                condition=Q(text_hash__isnull=False),
                name="parley_memory_text",
            ),
        ]
        # The state leads, since every list asks for those that are live; the version serves `memories.kept`.
        indexes = [
            models.Index(
                fields=["workspace", "state", "user_id", "updated_at", "id", "version"],
                name="parley_memory_user",
            ),
            models.Index(
                fields=["workspace", "state", "user_id", "created_at", "id"],
                name="parley_memory_user_first",
            ),
            models.Index(fields=["workspace", "state", "updated_at", "id"], name="parley_memory_updated"),
            models.Index(fields=["workspace", "state", "created_at", "id"], name="parley_memory_created"),
        ]

    def __str__(self) -> str:
        return f"{self.memory[:60]}{'…' if len(self.memory) > 60 else ''}" or self.pk
