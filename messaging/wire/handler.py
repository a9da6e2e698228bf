"""DRF's exception handler of our views: it classifies what was raised, and the view's dialect renders it."""

import logging
from collections.abc import Callable
from typing import NotRequired, Protocol, TypedDict

from django.core.signals import got_request_exception
from django.db import IntegrityError
from rest_framework.request import Request

from messaging.exceptions import WorkspaceNotFound

from .auth import Access
from .dialect import Dialect
from .errors import classify
from .responses import WireResponse

__all__ = ["Context", "ExceptionHandler", "handle"]

logger = logging.getLogger("messaging")


class Speaks(Protocol):
    """The view: it has `access` once the request is authenticated."""

    dialect: Dialect


class Context(TypedDict):
    """What DRF hands to an exception handler."""

    view: Speaks
    request: Request
    args: NotRequired[tuple[object, ...]]
    kwargs: NotRequired[dict[str, object]]


ExceptionHandler = Callable[[Exception, Context], WireResponse]


def handle(error: Exception, context: Context) -> WireResponse:
    """An answer for every exception there is.

    Unlike DRF's own it rolls nothing back: a transaction that is open here is not ours.
    """
    if isinstance(error, IntegrityError) and _workspace_is_gone(context["view"]):
        error = WorkspaceNotFound()
    refusal = classify(error)
    if refusal.status >= 500:
        _report(error, context)
    return context["view"].dialect.refuse(refusal)


def _workspace_is_gone(view: Speaks) -> bool:
    """Whether the workspace or the key of the request was deleted while it was being served."""
    access: Access | None = getattr(view, "access", None)
    return access is not None and not access.workspaces().filter(pk=access.workspace_id).exists()


def _report(error: Exception, context: Context) -> None:
    """Log the error with its traceback, and send the signal that monitoring listens to."""
    request = context["request"]
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    got_request_exception.send(sender=type(context["view"]), request=request._request)
