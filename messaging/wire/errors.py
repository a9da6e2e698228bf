"""The one place where anything raised becomes a status and a body."""

import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions as drf

from messaging import exceptions as domain
from messaging.values.problems import RequestInvalid

from .responses import WireResponse

if TYPE_CHECKING:
    from .auth import Access

__all__ = ["BodyTooLarge", "handle"]

logger = logging.getLogger("messaging")


class BodyTooLarge(Exception):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body is larger than {limit} bytes")


def handle(error: Exception, context: dict[str, Any]) -> WireResponse:
    """DRF's exception handler: an answer for every exception there is.

    Unlike DRF's own it rolls nothing back: a transaction that is open here is not ours.
    """
    match error:
        case RequestInvalid():
            return WireResponse({"detail": error.detail()}, 422)
        case domain.InvalidValue():
            problem = {"type": error.kind, "loc": error.loc, "msg": str(error)}
            return WireResponse({"detail": [problem]}, 422)
        case domain.RateLimited():
            return _refusal(429, str(error), {"Retry-After": str(error.retry_after)})
        case domain.NotFound():
            return _refusal(404, str(error))
        case domain.PermissionMissing():
            return _refusal(403, str(error))
        case domain.Conflict():
            return _refusal(409, str(error))
        case BodyTooLarge():
            return _refusal(413, str(error))
        case IntegrityError() if _lost_its_ground(context):
            return _refusal(404, str(domain.WorkspaceNotFound()))
    return _framework_error(error, context)


def _framework_error(error: Exception, context: dict[str, Any]) -> WireResponse:
    match error:
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            return _refusal(401, str(error.detail), {"WWW-Authenticate": "Bearer"})
        case drf.MethodNotAllowed():
            return _refusal(405, "Method Not Allowed")
        case UnreadablePostError():  # the client has gone; this is for the log
            return _refusal(400, "The request body broke off")
        case Http404() | drf.NotFound():
            return _refusal(404, "Not Found")
        case PermissionDenied() | drf.PermissionDenied():
            return _refusal(403, "Forbidden")
        case OperationalError() | InterfaceError():
            return _unavailable(error, context)
        case drf.APIException():
            return _refusal(error.status_code, str(error.detail))
    return _unexpected(error, context)


def _lost_its_ground(context: dict[str, Any]) -> bool:
    """Whether the workspace or the key of the request was deleted while it was being served."""
    access: Access | None = getattr(context["view"], "access", None)
    return access is not None and not access.workspaces().filter(pk=access.workspace_id).exists()


def _unavailable(error: Exception, context: dict[str, Any]) -> WireResponse:
    """The database is down, restarting or overrun: nothing was written, and a retry may succeed."""
    _report(error, context)
    return _refusal(503, "The database is not available", {"Retry-After": "1"})


def _unexpected(error: Exception, context: dict[str, Any]) -> WireResponse:
    """A fault of ours, answered without a word of it."""
    _report(error, context)
    return _refusal(500, "Internal Server Error")


def _report(error: Exception, context: dict[str, Any]) -> None:
    """Log it whole, and tell whoever watches the site."""
    request = context["request"]
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    got_request_exception.send(sender=type(context["view"]), request=request._request)


def _refusal(status: int, detail: str, headers: dict[str, str] | None = None) -> WireResponse:
    return WireResponse({"detail": detail}, status, headers)
