"""The kinds of things that have an id of ours, and ids within pasted text."""

import re
from functools import cache
from typing import Any

from django.apps import apps

from .sql.fields import IdField

__all__ = ["id_within", "kinds"]

ID = re.compile(r"(?<![0-9A-Za-z_])([a-z]+)_([0-9a-hjkmnp-tv-z]{26})(?![0-9A-Za-z_])", re.ASCII)


@cache
def kinds() -> dict[str, type[Any]]:
    """The models of all installed apps by the prefix of their ids, such as `msg`."""
    models = [model for model in apps.get_models() if not model._meta.proxy]
    return {model._meta.pk.prefix: model for model in models if isinstance(model._meta.pk, IdField)}


def id_within(text: str) -> tuple[str, str] | None:
    """Prefix and whole of the last id of ours in a text, which may be an address; None without one."""
    found = [match for match in ID.finditer(text) if match[1] in kinds()]
    return (found[-1][1], found[-1][0]) if found else None
