"""JSON values as the text in which they are stored and answered: one spelling for both."""

from typing import Any

import orjson

__all__ = ["dumps"]


def dumps(value: Any, option: int = 0) -> bytes:
    """Compact JSON in UTF-8, keys in the order they came, whole numbers of any size. `option` is orjson's."""
    try:
        return orjson.dumps(value, option=option)
    except TypeError:  # a whole number beyond 64 bits
        return orjson.dumps(_with_large_numbers(value), option=option)


def _with_large_numbers(value: Any) -> Any:
    match value:
        case dict():
            return {key: _with_large_numbers(item) for key, item in value.items()}
        case list():
            return [_with_large_numbers(item) for item in value]
        case int() if not -(2**63) <= value < 2**64:
            return orjson.Fragment(str(value))
    return value
