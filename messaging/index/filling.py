"""Giving index keys to rows that were stored without, or whose columns were changed behind our back."""

import logging
import time
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction

from .querysets import StoreQuerySet
from .terms import index_terms_of

logger = logging.getLogger("messaging")

BATCH = 1_000
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds until rows that somebody was writing are looked for again."""


def fill_index_terms(model: type[models.Model], using: str) -> int:
    """Give index keys to the rows of this model whose keys are not those of what they hold; returns how many.

    Raises TypeError for a model that has no such column. Each batch is a transaction. A row that another
    transaction holds is passed over and comes again in a further pass, so that nobody waits for whom this
    waits for.
    """
    rows, number, pause = _Rows(model, using), 0, FIRST_PAUSE
    passed_over: list[Any] | None = None
    while True:
        held: list[Any] = []
        for keys in rows.wrong(passed_over):
            filled = rows.fill(keys)
            number += len(filled)
            held += [key for key in keys if key not in filled]
        if not held:
            return number
        logger.info("index terms: waiting for %d rows that others are writing", len(held))
        time.sleep(pause)
        passed_over, pause = held, min(2 * pause, LONGEST_PAUSE)


class _Rows:
    """The rows of a model that has index keys."""

    def __init__(self, model: type[models.Model], using: str) -> None:
        field = index_terms_of(model)
        if field is None:
            raise TypeError(f"{model.__name__} has no index keys")
        self.using, self.field = using, field
        self.all: StoreQuerySet[Any] = StoreQuerySet(model, using=using)
        self.read = self.all.only("pk", *field.sources, field.attname).order_by("pk")

    def wrong(self, among: list[Any] | None) -> Iterator[list[Any]]:
        """Primary keys of rows whose index keys are not those of what they hold; of all rows, or of these."""
        searched = self.read if among is None else self.read.filter(pk__in=among)
        last = ""
        while batch := list(searched.filter(pk__gt=last)[:BATCH]):
            last = batch[-1].pk
            if keys := [row.pk for row in batch if row.index_terms != self.field.derive(row)]:
                yield keys

    def fill(self, keys: list[Any]) -> set[Any]:
        """Give these rows their index keys, but for those that others hold; returns whose they are now."""
        with transaction.atomic(using=self.using):
            batch = list(self.read.filter(pk__in=keys).select_for_update(skip_locked=True))
            for row in batch:
                self.field.pre_save(row, add=False)
            self.all.update_each(batch, (self.field.attname,))
        return {row.pk for row in batch}
