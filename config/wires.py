"""The wires that this site speaks, and how it refuses a request that no view of theirs has seen."""

from functools import cache

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from messaging.wire.dialect import Dialect
from messaging.wire.errors import Refusal

__all__ = ["dialect_of", "dialects", "refusal"]


def dialects() -> tuple[Dialect, ...]:
    """The dialects that `WIRES` of the settings names, in its order."""
    return _dialects(tuple(settings.WIRES))


def dialect_of(path: str) -> Dialect | None:
    """The dialect in which this path is answered; None for a page.

    The first of the list answers for what lies below `/api/` and belongs to none.
    """
    below = f"{path}/"
    for prefix, dialect in _prefixes(tuple(settings.WIRES)):
        if below.startswith(prefix):
            return dialect
    return None


def refusal(path: str, why: Refusal) -> HttpResponse:
    """The answer to a request for this path that is refused where no view can do it: of a wire, or a page."""
    if dialect := dialect_of(path):
        return dialect.refuse(why)
    context = {"detail": why.detail, "is_passing": "Retry-After" in why.headers}
    headers = {"Cache-Control": "no-store", **why.headers}
    return HttpResponse(render_to_string("refused.html", context), status=why.status, headers=headers)


@cache
def _dialects(names: tuple[str, ...]) -> tuple[Dialect, ...]:
    return tuple(import_string(name) for name in names)


@cache
def _prefixes(names: tuple[str, ...]) -> list[tuple[str, Dialect]]:
    """The dialect of each prefix, the longest prefix first."""
    mounted = _dialects(names)
    prefixes = {"/api/": mounted[0], **{f"/{dialect.prefix}": dialect for dialect in mounted}}
    return sorted(prefixes.items(), key=lambda item: len(item[0]), reverse=True)
