from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.fields import CodePointField, IdField
from messaging.values.choices import KeyStatus

from .workspace import Workspace


class ApiKeyQuerySet(TenantQuerySet["ApiKey"]):
    """By state, as `ApiKey.state` names it."""

    def active(self) -> Self:
        unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, status=KeyStatus.ACTIVE)

    def expired(self) -> Self:
        return self.filter(status=KeyStatus.ACTIVE, expires_at__lte=timezone.now())

    def revoked(self) -> Self:
        return self.filter(status=KeyStatus.INACTIVE)


class ApiKey(models.Model):
    """A credential: which workspaces it opens and what it may do there.

    The secret is shown once, when the key is made; what is stored cannot be turned back into it.
    """

    id = IdField(verbose_name=_("id"), prefix="key")
    workspace = models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="api_keys",
        db_index=False,
    )
    """The workspace that owns the key, used where a request names none."""
    further_workspaces = models.ManyToManyField(
        Workspace, verbose_name=_("further workspaces"), related_name="further_keys", blank=True
    )
    """Others that a request may name in `X-Workspace-Id`."""
    label = CodePointField(_("label"), max_length=255)
    public_prefix = CodePointField(_("public prefix"), max_length=8, unique=True, editable=False)
    """The readable part by which a key is looked up, safe to show and to log."""
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    """SHA-256 of the whole key, hexadecimal. A fast hash is right: the secret has 190 bits of its own."""
    permissions = models.JSONField(_("permissions"), default=list)
    owner_id = CodePointField(_("owner id"), max_length=255, null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=KeyStatus.choices, default=KeyStatus.ACTIVE)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    created_by = CodePointField(_("created by"), max_length=255, null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    objects = ApiKeyQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=["workspace", "created_at", "id"], name="parley_apikey_created")]

    def __str__(self) -> str:
        return f"{self.label} ({self.public_prefix})"

    @property
    def is_usable(self) -> bool:
        """Neither revoked nor expired."""
        return self.state == "active"

    @property
    def state(self) -> str:
        """`active`, `expired` or `revoked`."""
        if self.status != KeyStatus.ACTIVE:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "active"
