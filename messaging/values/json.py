"""JSON in and out: a body with a value that one of the databases cannot store is refused by both."""

import json
import math
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson

from messaging.conf import parley_settings

from .problems import Problem, ValueRefused
from .text import text_problem

WriteMoment = Callable[[datetime], object]
"""Makes of a moment the JSON value that a wire writes for it."""

# Maps every digit to 0, so that a plain search meets long numbers.
DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
# The fewest digits of a whole number that 64 bits cannot hold.
MANY_DIGITS = b"0" * 19
BEFORE_A_NUMBER = b"[:,- \t\r\n"
CONTAINERS = (dict, list)
# A string; one that nothing ends reaches to the end, so that a search never begins anew within it.
STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+', re.DOTALL)

Path = tuple["Path", str | int] | None
"""Where a value stands: the path of its container, and its key there; None for the whole."""


def dumps(value: object, option: int = 0, default: Callable[[Any], object] | None = None) -> bytes:
    """Compact JSON in UTF-8, keys in the order they came, whole numbers of any size.

    `option` and `default` are orjson's.
    """
    try:
        return orjson.dumps(value, default, option)
    except TypeError:  # a whole number beyond 64 bits
        return orjson.dumps(_with_large_numbers(value), default, option)


def decode(raw: bytes, *, most_values: int | None = None) -> Any:
    """The value of a request body. Raises ValueRefused with a `loc` below `body`.

    How many values it holds is told before any is made: an empty object of two bytes takes thirty times as
    many. `most_values` takes the place of the setting.
    """
    if _has_more_values(raw, limit := most_values or parley_settings().max_values):
        raise ValueRefused([_too_many(limit)])
    if not _is_delicate(raw):
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return _decode_with_care(raw)
        if not _is_deeper_than(value, parley_settings().max_depth):
            return value
    return _decode_with_care(raw)


def decode_apart(raw: bytes, *, most_values: int) -> tuple[Any, ValueRefused | None]:
    """(the value of JSON, why the store refuses some of it), for whoever can leave that out.

    Raises ValueRefused where it is no JSON, has more values than that, or is nested too deeply to be read.
    """
    try:
        return decode(raw, most_values=most_values), None
    except ValueRefused as refused:
        if refused.problems[0]["type"] in ("json_invalid", "too_many_values"):
            raise
        try:
            return json.loads(raw), refused
        except RecursionError:
            raise refused from None


def parsed_or_text(value: object) -> object:
    """The value of a text in JSON, such as arguments of calls; any other value, or text, as it is.

    So is a text whose value no body could hold, for an answer could not say it either.
    """
    if not isinstance(value, str):
        return value
    try:
        return decode(value.encode())
    except (ValueRefused, UnicodeEncodeError):
        return value


def container_in(text: str, most_characters: int) -> dict[str, Any] | list[Any] | None:
    """The object or list that a text of at most so many characters is in JSON; None for any other text."""
    if text[:1] not in ("{", "[") or len(text) > most_characters:
        return None
    value = parsed_or_text(text)
    return value if isinstance(value, dict | list) else None


def require_storable(value: object) -> None:
    """Raise ValueRefused for a value that the store cannot keep."""
    if problem := next(_refused_values(value), None):
        raise ValueRefused([problem])


def encode(payload: object, moment: WriteMoment | None = None) -> bytes:
    """The bytes of an answer: JSON on one line, moments in UTC with a `Z` or as `moment` writes them."""
    if moment is None:
        return dumps(payload, orjson.OPT_UTC_Z)
    return dumps(payload, orjson.OPT_PASSTHROUGH_DATETIME, moment)


def _has_more_values(raw: bytes, limit: int) -> bool:
    """Whether a body holds more values than that: commas and opening brackets, but for those in strings."""
    if _separators(raw, 0, len(raw)) <= limit:
        return False
    number = position = 0
    for string in STRING.finditer(raw):
        number += _separators(raw, position, string.start())
        position = string.end()
        if number > limit:
            return True
    return number + _separators(raw, position, len(raw)) > limit


def _separators(raw: bytes, start: int, end: int) -> int:
    return raw.count(b",", start, end) + raw.count(b"{", start, end) + raw.count(b"[", start, end)


def _is_delicate(raw: bytes) -> bool:
    """Whether a body may hold what orjson accepts and the store must not: NUL, which PostgreSQL cannot hold,
    and whole numbers beyond 64 bits, which orjson would round.

    Plain searches, because a regular expression takes many times as long over a large body.
    """
    if rb"\u0000" in raw:
        return True
    digits = raw.translate(DIGITS)
    start = digits.find(MANY_DIGITS)
    while start >= 0:
        # After any other byte the digits belong to a text or a fraction.
        if start == 0 or digits[start - 1] in BEFORE_A_NUMBER:
            return True
        start = digits.find(MANY_DIGITS, start + len(MANY_DIGITS))
    return False


def _is_deeper_than(value: object, limit: int) -> bool:
    level: list[Any] = [value] if isinstance(value, CONTAINERS) else []
    for _ in range(limit + 1):
        if not level:
            return False
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) in CONTAINERS
        ]
    return True


def _decode_with_care(raw: bytes) -> Any:
    """The slow way: by the standard library, whose errors FastAPI shows, and with a check of every value."""
    try:
        value = json.loads(raw)
    except json.JSONDecodeError as error:
        raise ValueRefused([_undecodable(error.pos, error.msg)]) from None
    except UnicodeDecodeError as error:
        raise ValueRefused([_undecodable(error.start, "The body is not valid UTF-8")]) from None
    except RecursionError:
        raise ValueRefused([_too_deep()]) from None
    except ValueError:  # Python converts no more than 4,300 digits
        raise ValueRefused([_undecodable(0, "A number has too many digits")]) from None
    if problem := next(_refused_values(value), None):
        raise ValueRefused([problem])
    return value


def _undecodable(position: int, reason: str) -> Problem:
    """The shape that FastAPI gives to a body that is no JSON."""
    return {
        "type": "json_invalid",
        "loc": ("body", position),
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": reason},
    }


def _too_deep() -> Problem:
    text = f"Nesting is deeper than {parley_settings().max_depth} levels"
    return {"type": "nesting_too_deep", "loc": ("body",), "msg": text}


def _too_many(limit: int) -> Problem:
    text = f"A body holds at most {limit:,} values; an object or array counts as one more than its members"
    return {"type": "too_many_values", "loc": ("body",), "msg": text}


def _refused_values(value: object) -> Iterator[Problem]:
    """Every value that the store cannot keep. Without recursion, because a caller chooses the nesting.

    A body may hold millions of values, so a path stays a chain of links until a problem needs it.
    """
    limit = parley_settings().max_depth
    pending: list[tuple[Any, int, Path]] = [({"body": value}, 0, None)]
    while pending:
        node, depth, path = pending.pop()
        for key, child in node.items() if type(node) is dict else enumerate(node):
            if type(key) is str and (reason := text_problem(key)):
                yield {"type": "string_unstorable", "loc": _loc(path), "msg": f"In a key: {reason}"}
            kind = type(child)
            if kind is str and (reason := text_problem(child)):
                yield {"type": "string_unstorable", "loc": _loc((path, key)), "msg": reason}
            elif kind is float and not math.isfinite(child):
                problem = "Input should be a finite number"
                yield {"type": "finite_number", "loc": _loc((path, key)), "msg": problem}
            elif kind in CONTAINERS:
                if depth == limit:
                    yield _too_deep()
                    return
                if child:
                    pending.append((child, depth + 1, (path, key)))


def _loc(path: Path) -> tuple[str | int, ...]:
    """The keys of a path, outermost first."""
    keys: list[str | int] = []
    while path:
        path, key = path
        keys.append(key)
    return tuple(reversed(keys))


def _with_large_numbers(value: object) -> object:
    match value:
        case dict():
            return {key: _with_large_numbers(item) for key, item in value.items()}
        case list():
            return [_with_large_numbers(item) for item in value]
        case int() if not -(2**63) <= value < 2**64:
            return orjson.Fragment(str(value))
    return value
