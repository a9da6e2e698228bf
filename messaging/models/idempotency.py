from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField
from messaging.sql.tenancy import TenantModel

from .workspace import of_workspace


class IdempotencyRecordQuerySet(TenantQuerySet["IdempotencyRecord"]):
    pass


class IdempotencyRecord(TenantModel):
    """The answer to a POST with an `Idempotency-Key`, written in the transaction of the write itself."""

    workspace = of_workspace()
    caller = CodePointField(_("caller"), max_length=255)
    """Whose key it is: the id of an API key, or what a host calls its caller. Empty: a message's id that a
    client made, which belongs to its thread."""
    key = CodePointField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    """SHA-256, hexadecimal, of what was asked: a retry must ask the same."""
    status_code = models.PositiveSmallIntegerField(_("status code"), null=True)
    body = models.BinaryField(_("body"), null=True)
    """JSON, with references to long texts of the request in place of them. Null once something that it tells
    of was deleted: then the key stays known without its answer."""
    subject_id = CodePointField(_("subject id"), max_length=40, null=True)
    """The memory or the conversation that the answer tells of, else the workspace: the index key for
    redactions and deletions there."""
    shows_columns = models.BooleanField(_("shows columns"), default=False, db_default=False)
    """Whether it shows rows under the names of their columns, and so follows their redaction; any other is
    forgotten then."""
    created_at = models.DateTimeField(_("created at"), default=timezone.now, db_index=True)

    objects = IdempotencyRecordQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "caller", "key"], name="parley_idempotency_key")
        ]
        indexes = [
            models.Index(
                fields=["workspace", "subject_id"],
                name="parley_idempotency_subject",
                condition=models.Q(subject_id__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.key)
