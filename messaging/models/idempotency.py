from django.db import models
from django.utils import timezone

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField
from messaging.sql.tenancy import TenantModel

from .workspace import of_workspace


class IdempotencyRecordQuerySet(TenantQuerySet["IdempotencyRecord"]):
    pass


class IdempotencyRecord(TenantModel):
    """The answer to a POST with an `Idempotency-Key`, written in the transaction of the write itself."""

    workspace = of_workspace()
    key = CodePointField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    """SHA-256, hexadecimal, of what was asked: a retry must ask the same."""
    status_code = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    """Null once something that it tells of was deleted: then the key stays known without its answer."""
    subject_id = CodePointField(max_length=40, null=True)
    """The conversation that the answer tells of, else the workspace: the index key for redactions and
    deletions there."""
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotencyRecordQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="parley_idempotency_key")]
        indexes = [
            models.Index(
                fields=["workspace", "subject_id"],
                name="parley_idempotency_subject",
                condition=models.Q(subject_id__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.key)
