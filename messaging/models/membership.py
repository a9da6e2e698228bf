from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet

from .workspace import Workspace


class MembershipQuerySet(TenantQuerySet["Membership"]):
    pass


class Membership(models.Model):
    """A person of the staff may see this workspace in the admin; what they may do there, permissions say.

    Superusers and holders of `parley.access_all_workspaces` need none. Everybody else sees the workspaces
    that they are a member of, and nothing of any other.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="+"
    )
    workspace = models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            # The workspace leads: this index also serves the foreign key when a workspace goes.
            models.UniqueConstraint(fields=["workspace", "user"], name="parley_membership_workspace_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"
