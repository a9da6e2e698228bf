"""JSON in and out: what cannot be stored is refused on the way in, on both databases alike."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import orjson

from messaging.conf import parley_settings

from .problems import Problem, RequestInvalid

__all__ = ["decode", "encode", "text_problem"]

# What orjson would take but the store must not: NUL, which PostgreSQL cannot hold, and whole numbers
# beyond 64 bits, which orjson would round.
DELICATE = re.compile(rb"\\u0000|[0-9]{19}")
SURROGATE = re.compile("[\ud800-\udfff]")
CONTAINERS = (dict, list)


def decode(raw: bytes) -> Any:
    """The value of a request body. Raises RequestInvalid with a `loc` below `body`."""
    if not DELICATE.search(raw):
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return _decode_with_care(raw)
        if not _is_deeper_than(value, parley_settings().max_depth):
            return value
    return _decode_with_care(raw)


def encode(payload: Any) -> bytes:
    """JSON on one line, in UTF-8, moments in UTC with a `Z`."""
    try:
        return orjson.dumps(payload, option=orjson.OPT_UTC_Z)
    except TypeError:  # a whole number beyond 64 bits
        return orjson.dumps(_with_large_numbers(payload), option=orjson.OPT_UTC_Z)


def text_problem(text: str) -> str | None:
    """Why a text cannot be stored; None for one that can."""
    if "\0" in text:
        return "Text must not contain the NUL character (U+0000)"
    if SURROGATE.search(text):
        return "Text must not contain half of a surrogate pair (U+D800 to U+DFFF)"
    return None


def _with_large_numbers(value: Any) -> Any:
    match value:
        case dict():
            return {key: _with_large_numbers(item) for key, item in value.items()}
        case list():
            return [_with_large_numbers(item) for item in value]
        case int() if not -(2**63) <= value < 2**64:
            return orjson.Fragment(str(value))
    return value


def _is_deeper_than(value: Any, limit: int) -> bool:
    level = [value] if isinstance(value, CONTAINERS) else []
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
        raise RequestInvalid([_undecodable(error.pos, error.msg)]) from None
    except UnicodeDecodeError as error:
        raise RequestInvalid([_undecodable(error.start, "The body is not valid UTF-8")]) from None
    except RecursionError:
        raise RequestInvalid([_too_deep()]) from None
    except ValueError:  # Python converts no more than 4,300 digits
        raise RequestInvalid([_undecodable(0, "A number has too many digits")]) from None
    if problem := next(_refused_values(value), None):
        raise RequestInvalid([problem])
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


def _refused_values(value: Any) -> Iterator[Problem]:
    """Every value the store cannot keep. Walks without recursion: the nesting is not ours to trust."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [(("body",), value)]
    while pending:
        loc, node = pending.pop()
        if isinstance(node, str) and (reason := text_problem(node)):
            yield {"type": "string_unstorable", "loc": loc, "msg": reason}
        elif isinstance(node, float) and not math.isfinite(node):
            yield {"type": "finite_number", "loc": loc, "msg": "Input should be a finite number"}
        elif isinstance(node, CONTAINERS):
            if len(loc) > parley_settings().max_depth:
                yield _too_deep()
                return
            items = node.items() if isinstance(node, dict) else enumerate(node)
            for key, child in items:
                if isinstance(key, str) and (reason := text_problem(key)):
                    yield {"type": "string_unstorable", "loc": loc, "msg": f"In a key: {reason}"}
                pending.append(((*loc, key), child))
