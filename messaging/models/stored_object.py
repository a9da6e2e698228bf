from collections.abc import Iterable
from typing import Any, Self

from django.core.files.base import File
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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

    id = IdField(verbose_name=_("id"), prefix="obj")
    workspace = of_workspace()
    message = TenantForeignKey(Message, verbose_name=_("message"), related_name="stored_objects")
    path = CodePointField(_("path"), max_length=255, editable=False)
    """Name of the file in the storage. Never leaves the server. The copies of a fork share it."""
    size_bytes = models.BigIntegerField(_("size bytes"))
    mime_type = models.CharField(_("mime type"), max_length=255)
    sha256 = models.CharField(_("sha256"), max_length=64)
    """Hexadecimal, over the bytes of the file."""
    preview_text = models.TextField(_("preview text"), null=True, blank=True)  # noqa: DJ001  null on the wire
    """How it begins; null where it is not text."""
    truncated = models.BooleanField(_("truncated"), default=False)
    """The preview is shorter than the whole."""
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = StoredObjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("stored object")
        verbose_name_plural = _("stored objects")
        constraints = [TenantReference("message", to="parley_message", name="parley_object_message_fk")]
        indexes = [
            # The message leads: this index also serves the foreign key when a message goes.
            models.Index(fields=["message", "workspace"], name="parley_object_message"),
            # Whether another row shares a file is asked whenever one is deleted.
            models.Index(fields=["workspace", "path"], name="parley_object_path"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.mime_type}, {self.size_bytes} bytes)"

    def open(self) -> "File[Any]":
        """The file, to be read within `storage_errors`."""
        return object_storage().open(self.path, "rb")
