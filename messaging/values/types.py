"""Kinds of values that more than one operation takes.

The limits are ours: the vendors publish none, so the document shows none, but indexes need them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from .limits import meta_data_problem, tag_problem, tags_problem

JSONObject = dict[str, Any]
Loc = tuple[str | int, ...]
"""Where a value stands in what was sent: the names and numbers that lead to it."""


def _at_most(length: int) -> AfterValidator:
    def check(value: str) -> str:
        if len(value) > length:
            raise PydanticCustomError(
                "string_too_long",
                "String should have at most {max_length} characters",
                {"max_length": length},
            )
        return value

    return AfterValidator(check)


def _within(problem_of: Callable[[Any], str | None], kind: str) -> AfterValidator:
    def check(value: object) -> object:
        if problem := problem_of(value):
            raise PydanticCustomError(kind, "{problem}", {"problem": problem})
        return value

    return AfterValidator(check)


def _in_utc(moment: datetime) -> datetime:
    """Without an offset a time is taken for UTC."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise PydanticCustomError(
            "datetime_range", "Input should lie in the years 1 to 9999 of UTC"
        ) from None


def _direction(value: str) -> str:
    if value.lower() not in ("asc", "desc"):
        raise PydanticCustomError(
            "literal_error", "Input should be 'asc' or 'desc'", {"expected": "'asc' or 'desc'"}
        )
    return value.lower()


Tag = Annotated[str, _within(tag_problem, "string_too_long")]
Tags = Annotated[list[Tag], _within(tags_problem, "too_long")]
MetaData = Annotated[JSONObject, _within(meta_data_problem, "too_long")]
Text64 = Annotated[str, _at_most(64)]
Text255 = Annotated[str, _at_most(255)]
SomeText255 = Annotated[str, Field(min_length=1), _at_most(255)]
"""The same, and not empty."""
SearchText = Annotated[str, _at_most(1_000)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Direction = Annotated[
    str, AfterValidator(_direction), WithJsonSchema({"type": "string", "enum": ["asc", "desc"]})
]
AnyDirection = Annotated[str, AfterValidator(_direction)]
"""The same for a vendor whose document names no values."""
