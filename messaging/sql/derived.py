"""Columns that follow from others of their row."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import models


class DerivedField:
    """Mixed into a field whose value is made anew from other columns whenever its row is stored.

    An UPDATE by hand must bring it along: see `derived_columns`.
    """

    sources: Sequence[str]
    """The columns that it follows from."""
    attname: str

    def derive(self, row: models.Model) -> object:
        """The value for this row."""
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        value = self.derive(model_instance)
        setattr(model_instance, self.attname, value)
        return value


def derived_columns(row: models.Model, changed: Collection[str]) -> dict[str, Any]:
    """What follows from the changed columns of a row, by column; set in the row as well."""
    return {
        field.attname: field.pre_save(row, add=False)
        for field in row._meta.local_concrete_fields
        if isinstance(field, DerivedField) and not set(field.sources).isdisjoint(changed)
    }


class DerivingModel(models.Model):
    """Base of models with such columns: `save(update_fields=...)` brings along what follows from them."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            names = set(update_fields)
            update_fields = names | derived_columns(self, names).keys()
        super().save(*args, update_fields=update_fields, **kwargs)
