"""Giving index keys to rows that were stored without, or whose columns were changed behind our back."""

import logging
import time
from collections.abc import Collection, Iterator
from typing import Any

from django.db import models, transaction

from messaging.sql.derived import derived_columns

from .querysets import StoreQuerySet
from .terms import index_terms_of

logger = logging.getLogger("messaging")

BATCH = 1_000
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds until rows that somebody was writing are looked for again."""


def fill_index_terms(model: type[models.Model], using: str, *, check_all: bool = False) -> int:
    """Give index keys to the rows of this model that have none; returns how many.

    Raises TypeError for a model that has no such column.
    With `check_all` every row is read, and those get new ones whose keys are not those of what they hold.
    Each batch is a transaction. A row that another transaction holds is passed over and comes again at the
    end, so that nobody waits for whom this waits for.
    """
    rows = _Rows(model, using)
    number, pause = 0, FIRST_PAUSE
    left: list[Any] = []
    for keys in rows.wrong(check_all):
        filled = rows.fill(keys)
        number += len(filled)
        left += [key for key in keys if key not in filled]
    while left := rows.present(left):
        logger.info("index terms: waiting for %d rows that others are writing", len(left))
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
        filled = rows.fill(left[:BATCH])
        number += len(filled)
        left = [key for key in left[BATCH:] + left[:BATCH] if key not in filled]
    return number


class _Rows:
    """The rows of a model that has index keys."""

    def __init__(self, model: type[models.Model], using: str) -> None:
        self.using = using
        self.all: StoreQuerySet[Any] = StoreQuerySet(model, using=using)
        field = index_terms_of(model)
        if field is None:
            raise TypeError(f"{model.__name__} has no index keys")
        self.field = field
        self.read = self.all.only("pk", *self.field.sources, self.field.attname).order_by("pk")

    def wrong(self, check_all: bool) -> Iterator[list[Any]]:
        """Primary keys of rows without index keys, or of all whose keys are not those of what they hold."""
        searched = self.read if check_all else self.read.filter(index_terms__isnull=True)
        last = ""
        while batch := list(searched.filter(pk__gt=last)[:BATCH]):
            last = batch[-1].pk
            if keys := [row.pk for row in batch if row.index_terms != self.field.derive(row)]:
                yield keys

    def fill(self, keys: Collection[Any]) -> set[Any]:
        """Give these rows their index keys, but for those that others hold; returns whose they are now."""
        with transaction.atomic(using=self.using):
            batch = list(self.read.filter(pk__in=keys).select_for_update(skip_locked=True))
            for row in batch:
                derived_columns(row, self.field.sources)
            self.all.update_each(batch, (self.field.attname,))
        return {row.pk for row in batch}

    def present(self, keys: Collection[Any]) -> list[Any]:
        """Those of the keys whose rows are still there."""
        return list(self.all.filter(pk__in=keys).values_list("pk", flat=True)) if keys else []
