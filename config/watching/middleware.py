"""The outermost middleware: gives the request its id, and fills in its record."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch

from config.wires import dialect_of
from messaging.models import ApiKey
from messaging.sql.tally import tally

from .databases import watch_connections
from .records import ENVIRON, Record, recording, request_id_of
from .tracing import spanned

__all__ = ["Watching"]

# As routes and query parameters of the wires name one.
NAMES = ("conversation_id", "thread_id")
CONVERSATION = re.compile(r"conv_[0-9a-z]{26}")
IN_QUERY = re.compile(rf"(?:^|&)(?:{'|'.join(NAMES)})=({CONVERSATION.pattern})(?:&|$)")


class Watching:
    """Records what is known of a request once it is answered."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        record: Record = request.META.get(ENVIRON) or _record_of(request)
        watch_connections()
        before = tally.statements
        with recording(record), spanned(request) as span:
            response = self.get_response(request)
            record.statements = tally.statements - before
            _fill(record, request)
            span.end(request, record, response)
        response.headers["X-Request-ID"] = record.request_id
        return response


def _record_of(request: HttpRequest) -> Record:
    """A new one, where the server has begun none."""
    dialect = dialect_of(request.path_info)
    return Record(
        request_id=request_id_of(request.META.get("HTTP_X_REQUEST_ID")), wire=dialect.name if dialect else ""
    )


def _fill(record: Record, request: HttpRequest) -> None:
    match: ResolverMatch | None = request.resolver_match
    record.route = _template(match)
    record.key = _public_part(getattr(request, "auth", None))
    if not record.conversation_id:
        record.conversation_id = _conversation_of(request, match)


def _template(match: ResolverMatch | None) -> str:
    """The route as `urls.py` writes it, one for both spellings; empty for one that only closes a prefix."""
    if match is None or match.route.startswith("^"):
        return ""
    return f"/{match.route.removesuffix('/')}"


def _public_part(auth: object) -> str:
    """That of the key, as it was accepted: what a stranger sends comes into no log."""
    match auth:
        case (ApiKey() as key, _):
            return str(key.public_prefix)
    return ""


def _conversation_of(request: HttpRequest, match: ResolverMatch | None) -> str:
    """The conversation that the request names in its path or its query."""
    for name in NAMES:
        named = str(match.kwargs.get(name, "")) if match else ""
        if CONVERSATION.fullmatch(named):
            return named
    in_query = IN_QUERY.search(request.META.get("QUERY_STRING", ""))
    return in_query[1] if in_query else ""
