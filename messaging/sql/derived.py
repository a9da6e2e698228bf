"""Columns that follow from others of their row."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import models

Deconstructed = tuple[str, str, list[Any], dict[str, Any]]
"""(name, path of the class, arguments, keyword arguments) of a field, as migrations write it."""

EDITED_BY_NOBODY = {"editable": False}
NULLABLE = {"null": True, **EDITED_BY_NOBODY}


class DerivedField:
    """Mixed into a field whose value is made anew from other columns whenever its row is stored.

    An UPDATE by hand must bring it along: see `derived_columns`.
    """

    sources: Sequence[str]
    """The columns that it follows from."""
    constants: Mapping[str, object] = EDITED_BY_NOBODY
    """Arguments that every field of the class has, which migrations need not name."""
    attname: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, **self.constants})

    def deconstruct(self) -> Deconstructed:
        name, path, args, kwargs = super().deconstruct()  # type: ignore[misc]  # of the field that it is mixed into
        own = {key: value for key, value in kwargs.items() if key not in self.constants}
        return name, path, list(args), own

    def derive(self, row: models.Model) -> object:
        """The value for this row."""
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        value = self.derive(model_instance)
        setattr(model_instance, self.attname, value)
        return value


READ_ONCE = "_read_once"
"""Where a row keeps what its columns follow from besides it, while they are derived together."""


def derived_columns(row: models.Model, changed: Collection[str]) -> dict[str, Any]:
    """What follows from the changed columns of a row, by column; set in the row as well."""
    vars(row)[READ_ONCE] = {}
    try:
        return {
            field.attname: field.pre_save(row, add=False)
            for field in row._meta.local_concrete_fields
            if isinstance(field, DerivedField) and not set(field.sources).isdisjoint(changed)
        }
    finally:
        del vars(row)[READ_ONCE]


class DerivingModel(models.Model):
    """Base of models with such columns: `save(update_fields=...)` brings along what follows from them."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            names = set(update_fields)
            update_fields = names | derived_columns(self, names).keys()
        super().save(*args, update_fields=update_fields, **kwargs)
