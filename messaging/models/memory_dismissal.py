from collections.abc import Iterable
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.conditions import OneOf
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel

from .message import Message
from .workspace import of_workspace


class MemoryDismissalQuerySet(TenantQuerySet["MemoryDismissal"]):
    def by_messages(self, message_ids: Iterable[str]) -> Self:
        return self.filter(OneOf("message_id", message_ids))


class MemoryDismissal(TenantModel):
    """What a message gives no more: a memory that was drawn from it, and that somebody deleted.

    It holds no word, and goes with the message.
    """

    workspace = of_workspace()
    message = TenantForeignKey(Message, verbose_name=_("message"), related_name="memory_dismissals")
    text_hash = models.CharField(_("text hash"), max_length=64)
    """As `Memory.text_hash`."""

    objects = MemoryDismissalQuerySet.as_manager()

    class Meta:
        verbose_name = _("dismissed memory")
        verbose_name_plural = _("dismissed memories")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "workspace", "text_hash"], name="parley_memorydismissal_text"
            ),
            TenantReference("message", to="parley_message", name="parley_memorydismissal_message_fk"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.text_hash}"
