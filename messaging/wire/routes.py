"""Helpers for the tables of contents that `urls.py` files are, and for sites that mount them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt

from .dialect import Dialect
from .errors import classify
from .responses import WireResponse
from .view import WireViewSet

LIST = {"get": "list", "post": "create"}
DETAIL = {"get": "retrieve", "put": "update", "patch": "update", "delete": "destroy"}

Routes = list[URLPattern | URLResolver]


def both_spellings(
    route: str, view: type[WireViewSet], actions: Mapping[str, str], name: str | None = None
) -> list[URLPattern]:
    """The route without and with a slash at its end, each answered directly: clients follow no redirects."""
    handler = view.as_view(dict(actions))
    return [path(route, handler, name=name), path(f"{route}/", handler)]


def closed(dialect: Dialect, operations: Sequence[URLPattern]) -> Routes:
    """The routes of a wire that a host includes by itself: nothing below them gets past the wire."""
    return [*operations, closing(dialect)]


def closing(dialect: Dialect, prefix: str = "") -> URLPattern:
    """The route of the prefix itself and of whatever lies below it, line breaks included: 404."""
    below = rf"{re.escape(prefix.removesuffix('/'))}(?:/[\s\S]*)?" if prefix else r"[\s\S]*"
    return re_path(rf"^{below}\Z", _nothing_of(dialect))


def mount(dialects: Iterable[Dialect]) -> Routes:
    """The routes of several wires, each below its prefix, in whichever order they are given.

    Every operation of every wire comes before the first route that closes a prefix, and a longer prefix
    before a shorter one: so no wire hides what another serves below the same path.
    """
    longest_first = sorted(dialects, key=lambda dialect: len(dialect.prefix), reverse=True)
    tables = [path(dialect.prefix, include(operations_of(dialect))) for dialect in longest_first]
    return [*tables, *(closing(dialect, dialect.prefix) for dialect in longest_first)]


def operations_of(dialect: Dialect) -> list[URLPattern]:
    """The routes of the operations of a wire, without its prefix."""
    routes: list[URLPattern] = import_module(dialect.urls).operations
    return routes


def _nothing_of(dialect: Dialect) -> Callable[..., WireResponse]:
    @no_append_slash
    @csrf_exempt
    @login_not_required
    def not_found(request: HttpRequest, **kwargs: str) -> WireResponse:
        return dialect.refuse(classify(Http404()))

    return not_found
