from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField, ExactJSONField
from messaging.sql.tenancy import TenantModel
from messaging.values.choices import ChangeKind
from messaging.values.position import Position

from .epoch import current_epoch
from .workspace import of_workspace

STIRRING = (ChangeKind.MEMORY_CREATED.value, ChangeKind.MEMORY_UPDATED.value)
"""The kinds after which a memory may lack its vector, or wait to be drawn anew."""


class ChangeQuerySet(TenantQuerySet["Change"]):
    pass


class Change(TenantModel):
    """One write: what it was, which rows it changed, who caused it; never what they say.

    It refers to rows by id alone: a deletion is told after the rows are gone. Readers order changes by
    (`xid`, `id`) and stop below the oldest running transaction, see `messaging.changes`.
    """

    id = models.BigAutoField(_("id"), primary_key=True)
    """Never used twice: an identity column on PostgreSQL, AUTOINCREMENT on SQLite."""
    workspace = of_workspace()
    xid = models.BigIntegerField(_("xid"), default=0, editable=False)
    """On PostgreSQL at least the number of the transaction, see `parley_change_xid`; 0 on SQLite."""
    kind = CodePointField(_("kind"), max_length=40)
    """One of `ChangeKind`, or of the kinds that another app records."""
    conversation_id = CodePointField(_("conversation id"), max_length=40, null=True)
    run_id = CodePointField(_("run id"), max_length=40, null=True)
    message_ids = ExactJSONField(_("message ids"), null=True)
    """At most 20 ids; null for more, which `first_seq` and `last_seq` tell."""
    first_seq = models.BigIntegerField(_("first seq"), null=True)
    last_seq = models.BigIntegerField(_("last seq"), null=True)
    count = models.BigIntegerField(_("count"), null=True)
    imported = models.BooleanField(_("imported"), default=False)
    """Whether history was brought in, in place of something new."""
    enable_memories = models.BooleanField(_("enable memories"), null=True)
    """Of new messages: memories may be drawn from them."""
    memory_ids = ExactJSONField(_("memory ids"), null=True)
    """Of a change of memories: at most 20 ids; null for more."""
    actor_kind = models.CharField(_("actor kind"), max_length=10, null=True)  # noqa: DJ001  null where nobody acts
    actor_id = CodePointField(_("actor id"), max_length=255, null=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = ChangeQuerySet.as_manager()
    is_read_from_writer = True
    epoch: str | None = None
    """That of its position, where the reader of the row knows it."""

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            models.Index(fields=["workspace", "xid", "id"], name="parley_change_order"),
            # Of few changes, so that whoever draws memories reads those of the whole store. SQLite uses the
            # index only for the very same condition. Every version of Django writes `IN (1)` alike; `= True`
            # became another condition with Django 6.1.
            models.Index(
                fields=["xid", "id"],
                condition=Q(enable_memories__in=[True]) | Q(kind__in=STIRRING),
                name="parley_change_memories",
            ),
        ]

    @property
    def position(self) -> Position:
        """Where it stands among the changes of the store."""
        return Position(self.epoch or current_epoch(self._state.db or "default"), self.xid, self.id)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
