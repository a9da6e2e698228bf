from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import StoreQuerySet
from messaging.sql.fields import CodePointField


class RateWindowQuerySet(StoreQuerySet["RateWindow"]):
    pass


class RateWindow(models.Model):
    """How many requests a caller has made in its present window; written by one upsert per request."""

    identity = CodePointField(_("identity"), max_length=255, primary_key=True)
    started_at = models.DateTimeField(_("started at"))
    count = models.BigIntegerField(_("count"))

    objects = RateWindowQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("rate window")
        verbose_name_plural = _("rate windows")

    def __str__(self) -> str:
        return str(self.identity)
