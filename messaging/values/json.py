"""JSON in and out: what cannot be stored is refused on the way in, on both databases alike."""

import json
import math
from collections.abc import Iterator
from typing import Any

import orjson

from messaging.conf import parley_settings

from .problems import Problem, ValueRefused
from .text import text_problem

__all__ = ["decode", "dumps", "encode"]

DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
# As many digits may lie beyond 64 bits.
MANY_DIGITS = b"0" * 19
BEFORE_A_NUMBER = b"[:,- \t\r\n"
CONTAINERS = (dict, list)

Place = tuple["Place | None", str | int]
"""A value within a body: the one around it, and its key there."""


def dumps(value: object, option: int = 0) -> bytes:
    """Compact JSON in UTF-8, keys in the order they came, whole numbers of any size. `option` is orjson's."""
    try:
        return orjson.dumps(value, option=option)
    except TypeError:  # a whole number beyond 64 bits
        return orjson.dumps(_with_large_numbers(value), option=option)


def decode(raw: bytes) -> Any:
    """The value of a request body. Raises ValueRefused with a `loc` below `body`."""
    if not _is_delicate(raw):
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return _decode_with_care(raw)
        if not _is_deeper_than(value, parley_settings().max_depth):
            return value
    return _decode_with_care(raw)


def encode(payload: object) -> bytes:
    """JSON on one line, in UTF-8, moments in UTC with a `Z`."""
    return dumps(payload, orjson.OPT_UTC_Z)


def _is_delicate(raw: bytes) -> bool:
    """Whether there may be what orjson takes but the store must not: NUL, which PostgreSQL cannot hold, and
    whole numbers beyond 64 bits, which orjson would round.

    The plain searches look at a megabyte in a tenth of the time of a regular expression.
    """
    if rb"\u0000" in raw:
        return True
    digits = raw.translate(DIGITS)
    found = digits.find(MANY_DIGITS)
    while found >= 0:
        if found == 0 or digits[found - 1] in BEFORE_A_NUMBER:  # else it is within a text, or a fraction
            return True
        found = digits.find(MANY_DIGITS, found + len(MANY_DIGITS))
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
    """The slow way: with the standard library, whose errors FastAPI shows, and a look at every value."""
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
    """The shape FastAPI gives a body that is no JSON."""
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


def _refused_values(value: object) -> Iterator[Problem]:
    """Every value the store cannot keep. Walks without recursion: the nesting is not ours to trust.

    Ten million values may come in one body, so a place is a link to the one above until it is needed.
    """
    limit = parley_settings().max_depth
    pending: list[tuple[Any, int, Place | None]] = [({"body": value}, 0, None)]
    while pending:
        node, depth, place = pending.pop()
        for key, child in node.items() if type(node) is dict else enumerate(node):
            if type(key) is str and (reason := text_problem(key)):
                yield {"type": "string_unstorable", "loc": _loc(place), "msg": f"In a key: {reason}"}
            kind = type(child)
            if kind is str and (reason := text_problem(child)):
                yield {"type": "string_unstorable", "loc": _loc((place, key)), "msg": reason}
            elif kind is float and not math.isfinite(child):
                problem = "Input should be a finite number"
                yield {"type": "finite_number", "loc": _loc((place, key)), "msg": problem}
            elif kind in CONTAINERS:
                if depth == limit:
                    yield _too_deep()
                    return
                if child:
                    pending.append((child, depth + 1, (place, key)))


def _loc(place: Place | None) -> tuple[str | int, ...]:
    """The keys on the way to a place, outermost first."""
    keys: list[str | int] = []
    while place:
        place, key = place
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
