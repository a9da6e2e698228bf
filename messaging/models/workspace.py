from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import StoreQuerySet
from messaging.sql.databases import write_database
from messaging.sql.fields import CodePointField, IdField, ObjectField


class WorkspaceQuerySet(StoreQuerySet["Workspace"]):
    def reachable_by(self, api_key_id: str) -> Self:
        """The default workspace of a key and the further ones it may use, as the writer knows them."""
        own, further = (
            Workspace.objects.filter(**{name: api_key_id}) for name in ("api_keys", "further_keys")
        )
        return self.using(write_database(Workspace)).filter(
            Q(pk__in=own.values("pk")) | Q(pk__in=further.values("pk"))
        )


class Workspace(models.Model):
    """A tenant. Everything else belongs to exactly one, and no request sees two."""

    id = IdField(verbose_name=_("id"), prefix="wsp")
    name = CodePointField(_("name"), max_length=255)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    meta_data = ObjectField(_("meta data"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        ordering = ("name", "id")
        permissions = [("access_all_workspaces", "Can enter every workspace without being a member")]

    def __str__(self) -> str:
        return str(self.name)


def of_workspace() -> "models.ForeignKey[Workspace, Workspace]":
    """The column that names the tenant of a row.

    It has no constraint: the one of the row that this one belongs to covers it. To check it would lock the
    row of the workspace at each insert, so that all writers of a workspace meet there, and who deletes the
    workspace locks the other way round.
    """
    return models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
