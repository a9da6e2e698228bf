"""What a request carries, validated by pydantic exactly as FastAPI would."""

from email.message import Message as HeaderParser
from functools import cache, lru_cache
from typing import Any, Protocol, cast, get_args, get_origin
from urllib.parse import parse_qsl

from django.http import HttpRequest, UnreadablePostError
from pydantic import BaseModel, ValidationError
from rest_framework.request import Request

from messaging.conf import parley_settings
from messaging.exceptions import InvalidValue
from messaging.values.json import decode
from messaging.values.problems import Problem, ValueRefused, problems_of
from messaging.values.text import text_problem

from .errors import BodyTooLarge
from .operations import Operation

MAX_KEY_LENGTH = 255


def validated_input(request: Request, operation: Operation) -> tuple[dict[str, Any], bytes]:
    """(`query` and `body` as the operation's models, the body as it came).

    Raises ValueRefused with everything that is wrong, BodyTooLarge.
    """
    raw = read_body(request) if operation.body else b""
    sent = _parsed(request, raw) if operation.body else None
    problems: list[Problem] = []
    arguments: dict[str, Any] = {}
    if operation.query:
        values = _query_values(request, _lists_of(operation.query))
        arguments["query"] = _validated(operation.query, values, "query", problems)
    if operation.body:
        if raw or not operation.body_required:
            arguments["body"] = _validated(operation.body, sent if raw else {}, "body", problems)
        else:
            problems.append({"type": "missing", "loc": ("body",), "msg": "Field required", "input": None})
    if problems:
        raise ValueRefused(problems)
    return arguments, raw


def read_body(request: Request) -> bytes:
    """The whole body, whatever a host's upload limits.

    Raises BodyTooLarge beyond our own limit, and UnreadablePostError for one that breaks off.
    """
    limit, announced = parley_settings().max_body_bytes, _announced_length(request)
    if announced > limit:
        raise BodyTooLarge(limit)
    try:
        raw = _stream(request._request).read(limit + 1)
    except Exception as error:  # each server has errors of its own for malformed chunks
        raise UnreadablePostError(*error.args) from error
    if len(raw) > limit:
        raise BodyTooLarge(limit)
    if len(raw) < announced:
        raise UnreadablePostError("shorter than announced")
    return raw


def _announced_length(request: Request) -> int:
    """The Content-Length, by which a body is refused unread; 0 where there is none, or nonsense."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class Readable(Protocol):
    def read(self, size: int) -> bytes: ...


def _stream(http: HttpRequest) -> Readable:
    """What the body is read from: the server's own stream where it is chunked, since Django reads none then.

    Only a server that marks the end of its input can be read like that.
    """
    chunked = not http.META.get("CONTENT_LENGTH") and http.META.get("wsgi.input_terminated")
    return cast(Readable, http.META["wsgi.input"] if chunked else http)


def as_sent(text: str) -> str:
    """The text that a client meant: clients send UTF-8, WSGI hands it over as if it were Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def idempotency_key(request: Request) -> str | None:
    """The `Idempotency-Key` header, if there is one. Raises InvalidValue for one that is too long."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_LENGTH or text_problem(key):
        raise InvalidValue(
            ("header", "Idempotency-Key"), f"Give 1 to {MAX_KEY_LENGTH} characters", "string_length"
        )
    return key


def _parsed(request: Request, raw: bytes) -> object:
    """The value where the content type is JSON; otherwise the bytes, which the model refuses as FastAPI's."""
    if _is_json(request.META.get("CONTENT_TYPE") or "text/plain"):
        return decode(raw) if raw else None
    return raw


@lru_cache(maxsize=100)
def _is_json(content_type: str) -> bool:
    header = HeaderParser()
    header["content-type"] = content_type
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


def _query_values(request: Request, lists: frozenset[str]) -> dict[str, str | list[str]]:
    """The last value of each parameter as Starlette gives it, all values of those in `lists`.

    In UTF-8, and however many there are: Django's `request.GET` obeys the request's charset and a host's
    limit. Raises ValueRefused for text that cannot be stored.
    """
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(as_sent(request.META.get("QUERY_STRING", "")), keep_blank_values=True):
        values[name] = [*values.get(name, ()), value] if name in lists else [value]
    problems: list[Problem] = [
        {"type": "string_unstorable", "loc": ("query", name), "msg": reason}
        for name, texts in values.items()
        for text in texts
        if (reason := text_problem(text))
    ]
    if problems:
        raise ValueRefused(problems)
    return {name: texts if name in lists else texts[0] for name, texts in values.items()}


@cache
def _lists_of(model: type[BaseModel]) -> frozenset[str]:
    """The parameters of a query that may be repeated: those whose type is a list."""
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if list in {get_origin(kind) for kind in (field.annotation, *get_args(field.annotation))}
    )


def _validated(
    model: type[BaseModel], value: object, source: str, problems: list[Problem]
) -> BaseModel | None:
    """The model of this value; what is wrong with it is added to `problems`."""
    try:
        # From attributes, as FastAPI validates: a value that is no object is refused in these words.
        return model.model_validate(value, from_attributes=True)
    except ValidationError as error:
        problems += problems_of(error, source)
        return None
