"""Helpers for the tables of contents that `urls.py` files are."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.urls import URLPattern, path, re_path
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt

from .responses import WireResponse
from .view import WireViewSet

__all__ = ["DETAIL", "LIST", "anything_else", "both_spellings"]

LIST = {"get": "list", "post": "create"}
DETAIL = {"get": "retrieve", "put": "update", "patch": "update", "delete": "destroy"}


def both_spellings(
    route: str, view: type[WireViewSet], actions: Mapping[str, Any], name: str | None = None
) -> list[URLPattern]:
    """The route without and with a slash at its end, each answered directly: clients follow no redirects."""
    handler = view.as_view(dict(actions))
    return [path(route, handler, name=name), path(f"{route}/", handler)]


def anything_else() -> list[URLPattern]:
    """For the end of a table: whatever is none of its operations, line breaks and nothing at all included."""
    return [re_path(r"[\s\S]*", not_found)]


@no_append_slash
@csrf_exempt
@login_not_required
def not_found(request: HttpRequest, **kwargs: str) -> WireResponse:
    """What lies under an API path and is none of its operations: JSON, as everything there."""
    return WireResponse({"detail": "Not Found"}, 404)
