"""Giving index keys to rows that were stored without, or whose columns were changed behind our back."""

from collections.abc import Iterator
from typing import Any

from django.db import models, transaction

from messaging.sql.passes import BATCH, in_passes

from .querysets import StoreQuerySet
from .terms import index_terms_of


def fill_index_terms(model: type[models.Model], using: str) -> int:
    """Give index keys to the rows of this model whose keys are not those of what they hold; returns how many.

    Raises TypeError for a model that has no such column. Each batch is a transaction.
    """
    rows = _Rows(model, using)
    return in_passes(rows.wrong, rows.fill, "index terms")


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
