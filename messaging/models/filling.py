"""Giving terms to rows that were stored without."""

import time
from typing import Any

from django.db import connections, models, transaction

from .derived import derived_columns
from .querysets import StoreQuerySet
from .terms import IndexTermsField

__all__ = ["fill_index_terms"]

BATCH = 1_000
PAUSE = 0.1
"""Seconds until rows that somebody was writing are looked for again."""


def fill_index_terms(model: type[models.Model], using: str) -> int:
    """Give terms to all rows of this model that have none; returns how many. On SQLite nothing is to do.

    Each batch is a transaction. A row that another transaction holds is passed over and comes next time, so
    that nobody waits for whom this waits for.
    """
    if connections[using].vendor != "postgresql":
        return 0
    rows: StoreQuerySet[Any] = StoreQuerySet(model, using=using)
    field = next(field for field in model._meta.concrete_fields if isinstance(field, IndexTermsField))
    columns = ("pk", *field.scopes, *field.sources)
    lacking = rows.filter(index_terms__isnull=True).only(*columns).order_by("pk")
    number, last = 0, ""
    while True:
        with transaction.atomic(using=using):
            batch = list(lacking.filter(pk__gt=last).select_for_update(skip_locked=True)[:BATCH])
            for row in batch:
                derived_columns(row, field.sources)
            rows.update_each(batch, (field.attname,))
        number += len(batch)
        if batch:
            last = batch[-1].pk
        elif lacking.exists():
            last = ""
            time.sleep(PAUSE)
        else:
            return number
