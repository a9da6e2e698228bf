from django.db import models

from messaging.index.querysets import StoreQuerySet
from messaging.sql.fields import CodePointField


class RateWindowQuerySet(StoreQuerySet["RateWindow"]):
    pass


class RateWindow(models.Model):
    """How many requests a caller has made in its present window; written by one upsert per request."""

    identity = CodePointField(max_length=255, primary_key=True)
    started_at = models.DateTimeField()
    count = models.BigIntegerField()

    objects = RateWindowQuerySet.as_manager()
    is_read_from_writer = True

    def __str__(self) -> str:
        return str(self.identity)
