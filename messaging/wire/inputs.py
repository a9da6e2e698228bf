"""What a request carries, validated by pydantic exactly as FastAPI would."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message as HeaderParser
from functools import cache, lru_cache
from typing import Protocol, cast, get_args, get_origin
from urllib.parse import parse_qsl

from django.http import HttpRequest, UnreadablePostError
from pydantic import BaseModel, ValidationError
from rest_framework.request import Request

from messaging.conf import parley_settings
from messaging.exceptions import InvalidValue
from messaging.values.json import decode
from messaging.values.problems import Problem, ValueRefused, told
from messaging.values.text import text_problem

from .declared import shape_of
from .encodings import decoded
from .errors import BodyTooLarge
from .headers import header
from .hints import with_hints
from .ignored import Ignored, Unread, ignored_keys, ignored_parameters
from .lengths import first_problems, may_be_too_long, too_long
from .operations import Operation
from .parameters import meta_data_key

MAX_KEY_LENGTH = 255
MAX_PARAMETERS, MAX_PARAMETER_LENGTH = 100, 10_000


@dataclass(frozen=True, slots=True)
class Input:
    """What a request carries, read and not yet validated."""

    parameters: Mapping[str, Sequence[str]]
    """All values of each query parameter, in their order."""
    raw: bytes
    """The body, decoded where it came compressed."""
    body: object
    """Its JSON value; the bytes where it came as something else."""
    content_type: str


def read_input(request: Request, operation: Operation) -> Input:
    """Raises ValueRefused for a body that is no JSON or has too long a list, and what `read_body` raises."""
    parameters, content_type = _parameters(request), request.META.get("CONTENT_TYPE") or ""
    if operation.body is None:
        return Input(parameters, b"", None, content_type)
    raw = read_body(request)
    try:
        body = _parsed(content_type, raw)
    except ValueRefused as refused:
        raise ValueRefused(with_hints(refused.problems, content_type=content_type)) from None
    if may_be_too_long(raw) and (long := list(too_long(shape_of(operation.body), body, ("body",)))):
        raise ValueRefused(told(long, len(long)))
    return Input(parameters, raw, body, content_type)


def ignored_in(given: Input, operation: Operation) -> Iterator[Ignored]:
    """The names in a request that the operation does not know."""
    if operation.body:
        yield from ignored_keys(operation.body, given.body)
    if given.parameters:
        lists = _lists_of(operation.query) if operation.query else frozenset[str]()
        yield from ignored_parameters(operation.query, given.parameters, lists)


def validated_input(
    given: Input, operation: Operation, *, unread: Unread, refused: Sequence[Problem]
) -> dict[str, BaseModel | None]:
    """`query` and `body` as the operation's models. Raises ValueRefused with everything that is wrong.

    `refused` are the problems with what is unread, if it is refused.
    """
    problems = _Problems()
    arguments: dict[str, BaseModel | None] = {}
    if operation.query:
        values = _query_values(given.parameters, _lists_of(operation.query))
        arguments["query"] = _validated(operation.query, values, "query", problems)
    if operation.body:
        if given.raw or not operation.body_required:
            sent = given.body if given.raw else {}
            arguments["body"] = _validated(operation.body, sent, "body", problems)
        else:
            problems.add([{"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}])
    if problems.first or refused:
        explain = operation.body.explain if operation.body else None
        hinted = with_hints(problems.first, unread.first, explain, given.body, given.content_type)
        further = len(refused) + unread.more if refused else 0
        raise ValueRefused(told([*hinted, *refused], problems.count + further))
    return arguments


class _Problems:
    """What is wrong with a request, so far."""

    def __init__(self) -> None:
        self.first: list[Problem] = []
        self.count = 0

    def add(self, problems: Sequence[Problem], count: int | None = None) -> None:
        """The first of `count` further problems; of no more than these by default."""
        self.first += problems
        self.count += len(problems) if count is None else count


def read_body(request: Request) -> bytes:
    """The whole body, whatever a host's upload limits.

    Raises BodyTooLarge beyond our own limit, UnreadablePostError for one that breaks off, and what `decoded`
    raises.
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
    return decoded(raw, request.META.get("HTTP_CONTENT_ENCODING", ""), limit)


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
    key = header(request, "Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_LENGTH or text_problem(key):
        raise InvalidValue(
            ("header", "Idempotency-Key"), f"Give 1 to {MAX_KEY_LENGTH} characters", "string_length"
        )
    return key


def _parsed(content_type: str, raw: bytes) -> object:
    """The value where the content type is JSON; otherwise the bytes, which the model refuses as FastAPI's."""
    if _is_json(content_type or "text/plain"):
        return decode(raw) if raw else None
    return raw


@lru_cache(maxsize=100)
def _is_json(content_type: str) -> bool:
    header = HeaderParser()
    header["content-type"] = content_type
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


def _parameters(request: Request) -> dict[str, list[str]]:
    """All values of each query parameter.

    In UTF-8, and by a limit of our own: Django's `request.GET` obeys the request's charset and a host's
    limit. Raises ValueRefused for too many.
    """
    values: dict[str, list[str]] = {}
    if text := request.META.get("QUERY_STRING", ""):
        if text.count("&") >= MAX_PARAMETERS:
            reason = f"A query has at most {MAX_PARAMETERS} parameters"
            raise ValueRefused([{"type": "too_long", "loc": ("query",), "msg": reason}])
        for name, value in parse_qsl(as_sent(text), keep_blank_values=True):
            values.setdefault(name, []).append(value)
    return values


def _query_values(given: Mapping[str, Sequence[str]], lists: frozenset[str]) -> dict[str, str | list[str]]:
    """The last value of each parameter as Starlette gives it, all values of those in `lists`.

    An empty one counts as not given; for a key of meta data it is a value like another. Raises ValueRefused
    for text that cannot be stored.
    """
    kept = {name: [*values] if name in lists else [values[-1]] for name, values in given.items()}
    problems: list[Problem] = [
        {"type": "string_unstorable", "loc": ("query", name), "msg": reason}
        for name, texts in kept.items()
        for text in texts
        if (reason := text_problem(text) or _length_problem(text))
    ]
    if problems:
        raise ValueRefused(problems)
    return {
        name: texts if name in lists else texts[0]
        for name, texts in kept.items()
        if texts != [""] or meta_data_key(name) is not None
    }


def _length_problem(text: str) -> str | None:
    is_long = len(text) > MAX_PARAMETER_LENGTH
    return f"A parameter has at most {MAX_PARAMETER_LENGTH:,} characters" if is_long else None


@cache
def _lists_of(model: type[BaseModel]) -> frozenset[str]:
    """The parameters of a query that may be repeated: those whose type is a list."""
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if list in {get_origin(kind) for kind in (field.annotation, *get_args(field.annotation))}
    )


def _validated(model: type[BaseModel], value: object, source: str, problems: _Problems) -> BaseModel | None:
    """The model of this value; what is wrong with it is added to `problems`."""
    try:
        # From attributes, as FastAPI validates: a value that is no object is refused in these words.
        return model.model_validate(value, from_attributes=True)
    except ValidationError as error:
        problems.add(first_problems(model, value, error, source), error.error_count())
        return None
