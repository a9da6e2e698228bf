from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField, ExactJSONField, IdField, ObjectField, TagsField
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel
from messaging.values.choices import MemoryAction

from .memory import Memory
from .workspace import of_workspace


class MemoryRevisionQuerySet(TenantQuerySet["MemoryRevision"]):
    pass


class MemoryRevision(TenantModel):
    """A version of a memory: what it said from then on, who or what made it so, and from which messages.

    The last one is what the memory says now. They go when a source of the memory goes: any of them may have
    its words.
    """

    id = IdField(verbose_name=_("id"), prefix="mrev")
    workspace = of_workspace()
    memory = TenantForeignKey(Memory, verbose_name=_("memory"), related_name="revisions")
    version = models.PositiveIntegerField(_("version"))
    action = models.CharField(_("action"), max_length=10, choices=MemoryAction.choices)
    text = models.TextField(_("memory"))
    memory_type = CodePointField(_("memory type"), max_length=64)
    topics = TagsField(_("topics"), null=True)
    metadata = ObjectField(_("metadata"), null=True)
    message_ids = ExactJSONField(_("message ids"), default=list)
    """The messages from which this version was drawn; empty for one that a client wrote."""
    extractor = CodePointField(_("extractor"), max_length=255, null=True)
    extractor_version = CodePointField(_("extractor version"), max_length=64, null=True)
    actor_kind = models.CharField(_("actor kind"), max_length=10, null=True)  # noqa: DJ001  null where nobody acts
    actor_id = CodePointField(_("actor id"), max_length=255, null=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = MemoryRevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a memory")
        verbose_name_plural = _("versions of memories")
        constraints = [
            models.UniqueConstraint(
                fields=["memory", "workspace", "version"], name="parley_memoryrevision_version"
            ),
            TenantReference("memory", to="parley_memory", name="parley_memoryrevision_memory_fk"),
        ]

    def __str__(self) -> str:
        return f"{self.memory_id}: {self.version}"
