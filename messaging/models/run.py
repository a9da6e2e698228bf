from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import (
    CodePointField,
    ExactJSONField,
    IdField,
    ObjectField,
)
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel
from messaging.values.choices import ACTIVE, RunStatus

from .conversation import Conversation
from .workspace import of_workspace


class RunQuerySet(TenantQuerySet["Run"]):
    def in_conversation(self, conversation_id: str) -> Self:
        return self.filter(conversation_id=conversation_id)

    def active(self) -> Self:
        return self.filter(status__in=ACTIVE)

    def stale(self, moment: datetime) -> Self:
        """Active, and past their time at this moment."""
        return self.active().filter(expires_at__lte=moment)


class Run(TenantModel):
    """An agent's turn in a conversation, which it holds locked while the run is active.

    Parley runs no model: the agent runtime that does opens the run, appends its messages and ends it.
    """

    id = IdField(verbose_name=_("id"), prefix="run")
    workspace = of_workspace()
    conversation = TenantForeignKey(Conversation, verbose_name=_("conversation"), related_name="runs")
    agent_id = CodePointField(_("agent id"), max_length=255)
    status = models.CharField(_("status"), max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    group = models.TextField(_("group"), null=True, blank=True)  # noqa: DJ001  null on the wire
    model = models.TextField(_("model"), blank=True, default="")
    instructions = models.TextField(_("instructions"), null=True, blank=True)  # noqa: DJ001
    tools = ExactJSONField(_("tools"), default=list, blank=True)
    meta_data = ObjectField(_("meta data"), default=dict, blank=True)
    usage = ExactJSONField(_("usage"), null=True, blank=True)
    """`prompt_tokens`, `completion_tokens` and `total_tokens`, once the agent has said."""
    model_settings = ExactJSONField(_("model settings"), default=dict, blank=True)
    """As the run was asked for: temperature, top_p, penalties, max_tokens."""
    response_format = ExactJSONField(_("response format"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires at"), editable=False)
    """After it the run is taken for dead; each write of the run moves it on."""
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    failed_at = models.DateTimeField(_("failed at"), null=True, editable=False)
    completed_at = models.DateTimeField(_("completed at"), null=True, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(fields=["id", "workspace"], name="parley_run_tenant"),
            TenantReference("conversation", to="parley_conversation", name="parley_run_conversation_fk"),
            models.UniqueConstraint(
                fields=["workspace", "conversation"],
                condition=Q(status__in=ACTIVE),
                name="parley_run_one_active",
            ),
        ]
        indexes = [
            # The conversation leads: this index also serves the foreign key when a conversation goes.
            models.Index(
                fields=["conversation", "workspace", "created_at", "id"], name="parley_run_conversation"
            ),
            models.Index(
                fields=["expires_at", "workspace"], condition=Q(status__in=ACTIVE), name="parley_run_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.status})"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def seconds(self) -> float | None:
        """From its first message to its end."""
        ended_at = self.completed_at or self.failed_at or self.cancelled_at
        return (ended_at - self.started_at).total_seconds() if self.started_at and ended_at else None
