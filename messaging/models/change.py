from django.db import models
from django.utils import timezone

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField, ExactJSONField
from messaging.sql.tenancy import TenantModel
from messaging.values.position import Position

from .epoch import current_epoch
from .workspace import of_workspace


class ChangeQuerySet(TenantQuerySet["Change"]):
    pass


class Change(TenantModel):
    """One write: what it was, which rows it changed, who caused it; never what they say.

    It refers to rows by id alone: a deletion is told after the rows are gone. Readers order changes by
    (`xid`, `id`) and stop below the oldest running transaction, see `messaging.changes`.
    """

    id = models.BigAutoField(primary_key=True)
    """Never used twice: an identity column on PostgreSQL, AUTOINCREMENT on SQLite."""
    workspace = of_workspace()
    xid = models.BigIntegerField(default=0, editable=False)
    """On PostgreSQL at least the number of the transaction, see `parley_change_xid`; 0 on SQLite."""
    kind = CodePointField(max_length=40)
    """One of `ChangeKind`, or of the kinds that another app records."""
    conversation_id = CodePointField(max_length=40, null=True)
    run_id = CodePointField(max_length=40, null=True)
    message_ids = ExactJSONField(null=True)
    """At most 20 ids; null for more, which `first_seq` and `last_seq` tell."""
    first_seq = models.BigIntegerField(null=True)
    last_seq = models.BigIntegerField(null=True)
    count = models.BigIntegerField(null=True)
    imported = models.BooleanField(default=False)
    """Whether history was brought in, in place of something new."""
    enable_memories = models.BooleanField(null=True)
    """Of new messages: memories may be drawn from them."""
    actor_kind = models.CharField(max_length=10, null=True)  # noqa: DJ001  null where nobody acts
    actor_id = CodePointField(max_length=255, null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChangeQuerySet.as_manager()
    is_read_from_writer = True
    epoch: str | None = None
    """That of its position, where the reader of the row knows it."""

    class Meta:
        indexes = [models.Index(fields=["workspace", "xid", "id"], name="parley_change_order")]

    @property
    def position(self) -> Position:
        """Where it stands among the changes of the store."""
        return Position(self.epoch or current_epoch(self._state.db or "default"), self.xid, self.id)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
