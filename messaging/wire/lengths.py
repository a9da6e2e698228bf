"""How long the lists of a body may be, which is told before any of their items is validated, and which errors
are told.

Pydantic validates a list to its end, however many of its items are wrong, and makes an error of each. So both
questions are answered by a look at the value and at the declaration of the body together.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from messaging.conf import parley_settings
from messaging.values.limits import parts_problem
from messaging.values.problems import MOST_PROBLEMS, Problem, problems_of
from messaging.values.types import Loc

from .declared import Shape, shape_of
from .shapes import Body

MANY = 10 * MOST_PROBLEMS
MANY_MESSAGES = "A call takes at most {limit} messages, not {length}"
MANY_KEYS = "Dictionary should have at most {limit} items, not {length}"
MANY_ITEMS = "List should have at most {limit} items, not {length}"


def may_be_too_long(raw: bytes) -> bool:
    """Whether a body has the bytes for more items than may be anywhere: each takes two, with its comma."""
    settings = parley_settings()
    return len(raw) > 2 * min(settings.max_batch, settings.max_items, settings.max_parts)


def too_long(shape: Shape, value: object, path: Loc) -> Iterator[Problem]:
    """Every list and object of this value that has more items than its type may have."""
    if isinstance(value, list) and shape.items:
        limit, problem = _limit_of_items(shape.items.type)
        if len(value) > limit:
            yield _problem(path, problem, limit, len(value))
        elif many := parts_problem(_count_of_parts(shape.items.type, value)):
            yield {"type": "too_long", "loc": path, "msg": many}
        elif shape.items.has_lengths:
            for number, item in enumerate(value):
                yield from too_long(shape.items, item, (*path, number))
    elif isinstance(value, dict) and shape.is_dict and len(value) > (limit := parley_settings().max_items):
        yield _problem(path, MANY_KEYS, limit, len(value))
    elif isinstance(value, dict):
        for name, below in shape.fields.items():
            if below.has_lengths and name in value:
                yield from too_long(below, value[name], (*path, name))


def first_problems(
    model: type[BaseModel], value: object, error: ValidationError, source: str
) -> list[Problem]:
    """The first of many errors, in their order; making all of them would take longer than the validation."""
    if error.error_count() > MANY:
        try:
            model.model_validate(_beginning(shape_of(model), value), from_attributes=True)
        except ValidationError as shorter:
            error = shorter
    return problems_of(error, source)


def _beginning(shape: Shape, value: object) -> object:
    """So much of a value as has enough errors: its lists end behind them."""
    if isinstance(value, list) and shape.items:
        return list(_until_wrong_enough(shape.items, value))
    if isinstance(value, dict):
        named = {name: each for name, each in shape.fields.items() if name in value}
        return {**value, **{name: _beginning(each, value[name]) for name, each in named.items()}}
    return value


def _until_wrong_enough(shape: Shape, items: list[object]) -> Iterator[object]:
    errors, adapter = 0, _adapter_of(shape.type)
    for item in items:
        beginning = _beginning(shape, item)
        yield beginning
        try:
            adapter.validate_python(beginning)
        except ValidationError as error:
            errors += error.error_count()
        if errors >= MOST_PROBLEMS:
            return


@cache
def _adapter_of(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)


def _count_of_parts(declared: object, items: list[object]) -> int:
    """How many parts the bodies in this list hold."""
    names = declared.part_lists if isinstance(declared, type) and issubclass(declared, Body) else ()
    lists = (item.get(name) for item in items if isinstance(item, dict) for name in names)
    return sum(len(each) for each in lists if isinstance(each, list))


def _limit_of_items(declared: object) -> tuple[int, str]:
    """(how many, what is said of more): bodies are the messages of a call."""
    is_body = isinstance(declared, type) and issubclass(declared, Body)
    settings = parley_settings()
    return (settings.max_batch, MANY_MESSAGES) if is_body else (settings.max_items, MANY_ITEMS)


def _problem(path: Loc, text: str, limit: int, length: int) -> Problem:
    return {
        "type": "too_long",
        "loc": path,
        "msg": text.format(limit=limit, length=length),
        "ctx": {"max_length": limit, "actual_length": length},
    }
