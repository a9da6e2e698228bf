from collections.abc import Iterable
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.conditions import OneOf
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel

from .conversation import Conversation
from .memory import Memory
from .message import Message
from .workspace import of_workspace


class MemorySourceQuerySet(TenantQuerySet["MemorySource"]):
    def of_memories(self, memory_ids: Iterable[str]) -> Self:
        return self.filter(OneOf("memory_id", memory_ids))


class MemorySource(TenantModel):
    """A message from which a memory was drawn, in its present version or in one before.

    When the message goes, so do the words that came from it: see `messaging.services.memories.gone`.
    """

    workspace = of_workspace()
    memory = TenantForeignKey(Memory, verbose_name=_("memory"), related_name="sources")
    message = TenantForeignKey(Message, verbose_name=_("message"), related_name="memory_sources")
    conversation = TenantForeignKey(
        Conversation, verbose_name=_("conversation"), related_name="memory_sources"
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = MemorySourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source of a memory")
        verbose_name_plural = _("sources of memories")
        constraints = [
            models.UniqueConstraint(
                fields=["memory", "workspace", "message"], name="parley_memorysource_message"
            ),
            TenantReference("memory", to="parley_memory", name="parley_memorysource_memory_fk"),
            TenantReference("message", to="parley_message", name="parley_memorysource_message_fk"),
            TenantReference(
                "conversation", to="parley_conversation", name="parley_memorysource_conversation_fk"
            ),
        ]
        # What is referred to leads: these also serve the foreign keys when it goes.
        indexes = [
            models.Index(fields=["message", "workspace"], name="parley_memorysource_of_message"),
            models.Index(fields=["conversation", "workspace"], name="parley_memorysource_within"),
        ]

    def __str__(self) -> str:
        return f"{self.memory_id} ← {self.message_id}"
