"""The models whose rows have an id with a prefix, and ids within pasted text."""

import re
from functools import cache

from django.apps import apps
from django.db.models import Model

from .sql.fields import IdField

ID = re.compile(r"(?<![0-9A-Za-z_])([a-z]+)_([0-9a-hjkmnp-tv-z]{26})(?![0-9A-Za-z_])", re.ASCII)


@cache
def kinds() -> dict[str, type[Model]]:
    """The models of all installed apps by the prefix of their ids, such as `msg`."""
    models = [model for model in apps.get_models() if not model._meta.proxy]
    return {model._meta.pk.prefix: model for model in models if isinstance(model._meta.pk, IdField)}


def id_within(text: str) -> tuple[str, str] | None:
    """(prefix, id) of the last id in a text, which may be an address; None without one."""
    ids = [match for match in ID.finditer(text) if match[1] in kinds()]
    return (ids[-1][1], ids[-1][0]) if ids else None
