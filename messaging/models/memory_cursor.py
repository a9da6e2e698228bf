from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField
from messaging.sql.tenancy import TenantModel

from .workspace import of_workspace


class MemoryCursorQuerySet(TenantQuerySet["MemoryCursor"]):
    pass


class MemoryCursor(TenantModel):
    """How far memories were drawn from a conversation, and how far they are to be.

    It refers to the conversation by id alone, so that neither an append nor a deletion waits for it.
    """

    workspace = of_workspace()
    conversation_id = CodePointField(_("conversation id"), max_length=40)
    drawn_seq = models.BigIntegerField(_("drawn seq"))
    """Memories were drawn from the messages up to here."""
    wanted_seq = models.BigIntegerField(_("wanted seq"))
    """The last message that asks for it."""
    failures = models.PositiveIntegerField(_("failures"), default=0)
    """How often in a row the extractor has failed at the messages that come next."""
    job_id = CodePointField(_("job id"), max_length=40, null=True)
    """The job that draws them, which is enqueued again and again."""
    is_enqueued = models.BooleanField(_("is enqueued"), default=False)
    """Whether that job draws what is wanted; false once it has ended, or is about to."""

    objects = MemoryCursorQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("memory cursor")
        verbose_name_plural = _("memory cursors")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "conversation_id"], name="parley_memorycursor_conversation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.drawn_seq} of {self.wanted_seq}"
