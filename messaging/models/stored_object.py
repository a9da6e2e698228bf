from collections.abc import Iterable
from typing import Any, Self

from django.core.files.base import File
from django.db import models
from django.utils import timezone

from messaging.conf import object_storage
from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField, IdField
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel

from .message import Message
from .workspace import of_workspace


class StoredObjectQuerySet(TenantQuerySet["StoredObject"]):
    def with_ids(self, object_ids: Iterable[str]) -> Self:
        return self.filter(pk__in=list(object_ids))

    def of_message(self, message_id: str) -> Self:
        return self.filter(message_id=message_id)


class StoredObject(TenantModel):
    """Something large of a message, kept as a file in a storage: what the row knows of it."""

    id = IdField(prefix="obj")
    workspace = of_workspace()
    message = TenantForeignKey(Message, related_name="stored_objects")
    path = CodePointField(max_length=255, editable=False)
    """Name of the file in the storage. Never leaves the server."""
    size_bytes = models.BigIntegerField()
    mime_type = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    """Hexadecimal, over the bytes of the file."""
    preview_text = models.TextField(null=True, blank=True)  # noqa: DJ001  null on the wire
    """How it begins; null where it is not text."""
    truncated = models.BooleanField(default=False)
    """The preview is shorter than the whole."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StoredObjectQuerySet.as_manager()

    class Meta:
        constraints = [TenantReference("message", to="parley_message", name="parley_object_message_fk")]
        indexes = [
            # The message leads: this index also serves the foreign key when a message goes.
            models.Index(fields=["message", "workspace"], name="parley_object_message"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.mime_type}, {self.size_bytes} bytes)"

    def open(self) -> "File[Any]":
        """The file, to be read. Raises OSError where the storage does not have it."""
        return object_storage().open(self.path, "rb")
