from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField, ExactJSONField, IdField
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel
from messaging.values.choices import WebhookState
from messaging.values.position import Position

from .workspace import Workspace, of_workspace


class WebhookQuerySet(TenantQuerySet["Webhook"]):
    def leased(self, holder: str) -> Self:
        """Those that this holder has."""
        return self.filter(leased_by=holder)


class Webhook(TenantModel):
    """An endpoint that is sent the changes of a workspace: a reader of changes with a position of its own.

    The secrets that sign are derived from the SECRET_KEY of the installation: the table alone holds none.
    """

    id = IdField(verbose_name=_("id"), prefix="whk")
    workspace = models.ForeignKey(
        Workspace, verbose_name=_("workspace"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    url = CodePointField(_("url"), max_length=2_000)
    description = CodePointField(_("description"), max_length=255, blank=True, default="")
    types = ExactJSONField(_("types"), default=list, blank=True)
    """The kinds of changes that it is sent; an empty list for all."""
    conversation_id = CodePointField(_("conversation id"), max_length=40, null=True, blank=True)
    """Null for all conversations, and for changes that are of none."""
    include = models.CharField(
        _("include"), max_length=10, blank=True, default="", choices=[("messages", _("messages"))]
    )
    """What is sent besides the change itself."""
    state = models.CharField(
        _("state"), max_length=10, choices=WebhookState.choices, default=WebhookState.ACTIVE
    )
    state_reason = CodePointField(_("state reason"), max_length=255, blank=True, default="")
    """Why it is disabled, for people."""
    state_since = models.DateTimeField(_("state since"), default=timezone.now, editable=False)
    secrets = ExactJSONField(_("secrets"), default=list, editable=False)
    """The newest first: what each is derived from, by which it is recognised, and until when it signs."""
    epoch = models.CharField(_("epoch"), max_length=12, editable=False)
    xid = models.BigIntegerField(_("xid"), editable=False)
    change_id = models.BigIntegerField(_("change id"), editable=False)
    """With `epoch` and `xid` its position: all changes up to here were delivered."""
    moved_at = models.DateTimeField(_("moved at"), default=timezone.now, editable=False)
    """When the position last moved."""
    resync_reason = CodePointField(_("resync reason"), max_length=255, blank=True, default="", editable=False)
    """Why the endpoint is to read the state anew, until it was told so."""
    ping_id = CodePointField(_("ping id"), max_length=40, null=True, editable=False)
    """The id of a test event that waits to be sent."""
    failures = models.PositiveIntegerField(_("failures"), default=0, editable=False)
    """How many attempts in a row have failed."""
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now, editable=False)
    leased_by = CodePointField(_("leased by"), max_length=255, null=True, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    """Until then one worker alone sends to it; each attempt prolongs the lease."""
    created_by = CodePointField(_("created by"), max_length=255, null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    objects = WebhookQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("-created_at", "-id")
        constraints = [models.UniqueConstraint(fields=["id", "workspace"], name="parley_webhook_tenant")]
        indexes = [models.Index(fields=["workspace", "created_at", "id"], name="parley_webhook_created")]

    def __str__(self) -> str:
        return str(self.url)

    @property
    def position(self) -> Position:
        """All changes up to here were delivered."""
        return Position(self.epoch, self.xid, self.change_id)

    @property
    def overlaps_until(self) -> datetime | None:
        """Until when the secret before the newest signs too; null where it does no more, or there is none."""
        ends = [datetime.fromisoformat(str(secret["until"])) for secret in self.secrets[1:]]
        return next((end for end in ends if end > timezone.now()), None)


class WebhookDeliveryQuerySet(TenantQuerySet["WebhookDelivery"]):
    pass


class WebhookDelivery(TenantModel):
    """One attempt to send one event to an endpoint, and how it ended."""

    id = IdField(verbose_name=_("id"), prefix="whd")
    workspace = of_workspace()
    webhook = TenantForeignKey(Webhook, verbose_name=_("webhook"), related_name="deliveries")
    event_id = CodePointField(_("event id"), max_length=100)
    """`webhook-id`: the same at every attempt."""
    type = CodePointField(_("type"), max_length=40)
    attempt = models.PositiveIntegerField(_("attempt"))
    """1 for the first of an event."""
    status = models.PositiveIntegerField(_("status"), null=True)
    """Of the answer; null where there was none."""
    answer = models.TextField(_("answer"), blank=True, default="")
    """The beginning of the body of the answer."""
    error = CodePointField(_("error"), max_length=255, blank=True, default="")
    """Why it failed; empty for a success."""
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = WebhookDeliveryQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-created_at", "-id")
        constraints = [TenantReference("webhook", to="parley_webhook", name="parley_webhookdelivery_fk")]
        indexes = [
            models.Index(
                fields=["webhook", "workspace", "created_at", "id"], name="parley_webhookdelivery_webhook"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} ({self.error or self.status})"
