"""The one place that classifies what was raised. A dialect renders the result; see `dialect.py`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied, SuspiciousOperation
from django.db import Error, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions as drf

from messaging import exceptions as domain
from messaging.sql.confirmation import CommitUnconfirmed
from messaging.sql.passing import is_passing
from messaging.values.problems import Problem, ValueRefused

HOST_UNKNOWN = "The Host header names no host of ALLOWED_HOSTS; add the name that clients use to that setting"
OF_CSRF = "CSRF Failed: "
"""How the refusals of DRF's sessions begin; others are of a host, in whatever language it speaks."""
WITHOUT_CSRF = "Send Django's CSRF token in the header X-CSRFToken"


class BodyTooLarge(Exception):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body is larger than {limit} bytes")


class UnknownEncoding(Exception):
    def __init__(self, encoding: str) -> None:
        super().__init__(
            f"Content-Encoding {encoding[:32]!r} is not known here; send gzip, or the body as it is"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is not carried out, in the shape of no wire."""

    status: int
    """The HTTP status that RFC 9110 suggests; a wire may answer another."""
    code: str
    """A stable name of the reason, such as `conversation_not_found` or `rate_limited`."""
    detail: str
    """The reason in words for the person who made the request."""
    noun: str | None = None
    """What does not exist, where an id was refused; a wire may have another name for it."""
    problems: Sequence[Problem] = ()
    """Every value that was refused, where the request does not fit its model."""
    headers: Mapping[str, str] = field(default_factory=dict)


def classify(error: Exception) -> Refusal:
    """The refusal that answers this exception. One that is not known is a fault of ours."""
    match error:
        case ValueRefused():
            return Refusal(status=422, code="invalid", detail=str(error), problems=error.problems)
        case domain.Conflict():
            return _refusal(409, error)
        case domain.InvalidValue():
            hint = {"hint": error.hint} if error.hint else {}
            problem = {"type": error.kind, "loc": error.loc, "msg": str(error), **hint}
            return Refusal(status=422, code=_code(error), detail=str(error), problems=[problem])
        case domain.RateLimited():
            return _refusal(429, error, {"Retry-After": str(error.retry_after)})
        case domain.NotFound():
            return Refusal(status=404, code=_code(error), detail=str(error), noun=error.noun)
        case ProtectedError() | RestrictedError():
            return classify(domain.Referred())
        case domain.PermissionMissing():
            return _refusal(403, error)
        case domain.StorageUnavailable() | domain.ExtractorUnavailable():
            return _refusal(503, error, {"Retry-After": "5"})
        case BodyTooLarge():
            return _refusal(413, error)
        case UnknownEncoding():
            return _refusal(415, error, {"Accept-Encoding": "gzip"})
    return _of_framework(error)


def _of_framework(error: Exception) -> Refusal:
    match error:
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            challenge = {"WWW-Authenticate": "Bearer"}
            return Refusal(status=401, code="unauthenticated", detail=str(error.detail), headers=challenge)
        case drf.MethodNotAllowed():
            return Refusal(status=405, code="method_not_allowed", detail="Method Not Allowed")
        case UnreadablePostError():  # the client has gone; this answer is for the log
            return Refusal(status=400, code="body_incomplete", detail="The request body broke off")
        case DisallowedHost():
            return Refusal(status=400, code="host_unknown", detail=HOST_UNKNOWN)
        case BadRequest() | SuspiciousOperation():
            return Refusal(status=400, code="bad_request", detail="Bad Request")
        case Http404() | drf.NotFound():
            return Refusal(status=404, code="not_found", detail="Not Found")
        case drf.PermissionDenied() if str(error.detail).startswith(OF_CSRF):
            return Refusal(status=403, code="forbidden", detail=f"{error.detail} {WITHOUT_CSRF}")
        case PermissionDenied() | drf.PermissionDenied():
            return Refusal(status=403, code="forbidden", detail="Forbidden")
        case CommitUnconfirmed():
            detail = "It is not known whether this was stored; repeat it with its Idempotency-Key"
            return Refusal(status=503, code=_code(error), detail=detail, headers={"Retry-After": "1"})
        case OperationalError() | InterfaceError():
            return _unavailable()
        case Error() if is_passing(error):
            return _unavailable()
        case drf.APIException():
            return Refusal(status=error.status_code, code="refused", detail=str(error.detail))
    return Refusal(status=500, code="internal_error", detail="Internal Server Error")


def _unavailable() -> Refusal:
    """Nothing was written, and a retry may succeed."""
    detail, headers = "The database is not available", {"Retry-After": "1"}
    return Refusal(status=503, code="database_unavailable", detail=detail, headers=headers)


def _refusal(status: int, error: Exception, headers: Mapping[str, str] | None = None) -> Refusal:
    return Refusal(status=status, code=_code(error), detail=str(error), headers=headers or {})


def _code(error: Exception) -> str:
    """The name of the exception's class: `ConversationLocked` is `conversation_locked`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()
