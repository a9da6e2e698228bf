from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import StoreQuerySet
from messaging.sql.fields import CodePointField


class ChangeReaderQuerySet(StoreQuerySet["ChangeReader"]):
    pass


class ChangeReader(models.Model):
    """How far a loop of the worker has read the changes of the whole store."""

    name = CodePointField(_("name"), max_length=100, primary_key=True)
    position = CodePointField(_("position"), max_length=100)
    """It has done what all changes up to here ask for."""
    moved_at = models.DateTimeField(_("moved at"), default=timezone.now)

    objects = ChangeReaderQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("reader of changes")
        verbose_name_plural = _("readers of changes")

    def __str__(self) -> str:
        return str(self.name)
