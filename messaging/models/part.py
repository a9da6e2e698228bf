from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.conditions import OneOf
from messaging.sql.fields import ExactJSONField, IdField
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel
from messaging.values.choices import PartType

from .message import Message
from .workspace import of_workspace


class PartQuerySet(TenantQuerySet["Part"]):
    def of_messages(self, message_ids: Iterable[str]) -> Self:
        """The parts of these messages, those of each in their order."""
        return self.filter(OneOf("message_id", message_ids)).order_by("message_id", "position")

    def failed(self) -> Self:
        """What tells of a tool that failed."""
        return self.filter(failed_at__isnull=False)

    def failed_within(self, since: datetime, until: datetime) -> Self:
        """What tells of a tool that failed from `since` until before `until`."""
        return self.filter(failed_at__gte=since, failed_at__lt=until)


class Part(TenantModel):
    """One typed piece of a message, as the agent that wrote the message gave it.

    Only such parts are rows. Those of other messages are derived on read, see `messaging.content`.
    """

    id = IdField(verbose_name=_("id"), prefix="part")
    workspace = of_workspace()
    message = TenantForeignKey(Message, verbose_name=_("message"), related_name="parts")
    position = models.PositiveIntegerField(_("position"))
    """Place in the message, from 0."""
    type = models.CharField(_("type"), max_length=16, choices=PartType.choices)
    text = models.TextField(_("text"), null=True, blank=True)  # noqa: DJ001  null on the wire
    """Of a text or reasoning part; null where the content of the message is that text."""
    file_id = models.TextField(_("file id"), null=True, blank=True)  # noqa: DJ001
    url = models.TextField(_("url"), null=True, blank=True)  # noqa: DJ001
    mime_type = models.TextField(_("mime type"), null=True, blank=True)  # noqa: DJ001
    detail = models.CharField(_("detail"), max_length=4, null=True, blank=True)  # noqa: DJ001
    data_type = models.TextField(_("data type"), null=True, blank=True)  # noqa: DJ001
    tool_name = models.TextField(_("tool name"), null=True, blank=True)  # noqa: DJ001
    tool_call_id = models.TextField(_("tool call id"), null=True, blank=True)  # noqa: DJ001
    payload = ExactJSONField(_("payload"), null=True, blank=True)
    """`data`, `args`, `input` or `output`, by type; null where it is kept outside the row."""
    payload_ref = ExactJSONField(_("payload ref"), null=True, blank=True)
    """What is known of the payload that is kept outside: the StoredObject as clients see it."""
    is_error = models.BooleanField(_("is error"), default=False)
    error_text = models.TextField(_("error text"), null=True, blank=True)  # noqa: DJ001
    metadata = ExactJSONField(_("metadata"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True, editable=False)
    """`created_at` of the message, where the part tells of a failed tool: see `PartKind.tells_failure`."""

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        constraints = [
            # The message leads: this index also serves the foreign key when a message goes.
            models.UniqueConstraint(fields=["message", "workspace", "position"], name="parley_part_position"),
            TenantReference("message", to="parley_message", name="parley_part_message_fk"),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "failed_at", "tool_name"],
                condition=Q(failed_at__isnull=False),
                name="parley_part_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.position} of {self.message_id}"
