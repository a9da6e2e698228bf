"""Words for people, in their language: numbers, and sentences that were made in English."""

import re
from collections.abc import Iterable
from functools import cache

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop

PLACEHOLDER = re.compile(r"%\\\((\w+)\\\)s")
OF_VALUES = (
    gettext_noop("Field required"),
    gettext_noop("Extra inputs are not permitted"),
    gettext_noop("String should have at most %(max_length)s characters"),
    gettext_noop("String should have at least %(min_length)s character"),
    gettext_noop("Input should be a valid string"),
    gettext_noop("Input should be a valid list"),
    gettext_noop("Input should be a valid dictionary"),
    gettext_noop("Input should be a valid integer"),
    gettext_noop("Input should be a valid boolean"),
    gettext_noop("Input should be a valid boolean, unable to interpret input"),
    gettext_noop("Input should be a valid datetime, %(reason)s"),
    gettext_noop("Input should lie in the years 1 to 9999 of UTC"),
    gettext_noop("Input should be greater than or equal to %(least)s"),
    gettext_noop("Input should be less than %(bound)s"),
    gettext_noop("%(name)s has more than %(limit)s items"),
    gettext_noop("A tag has at most %(limit)s characters, not %(length)s"),
    gettext_noop("At most %(limit)s tags or collections, not %(count)s"),
    gettext_noop("At most %(limit)s keys at the top of meta data, not %(count)s"),
    gettext_noop("A key of meta data has at most %(limit)s characters, not %(length)s"),
    gettext_noop("A memory should not be empty"),
    gettext_noop("A memory has at most %(limit)s characters, not %(length)s"),
    gettext_noop("Metadata of a memory has at most %(limit)s bytes, not %(size)s"),
    gettext_noop("The memory %(id)s says this already"),
    gettext_noop("Text must not contain the NUL character (U+0000)"),
    gettext_noop("Text must not contain half of a surrogate pair (U+D800 to U+DFFF)"),
    gettext_noop("The body is not valid UTF-8"),
    gettext_noop("A number has too many digits"),
    gettext_noop("Input should be '%(expected)s'"),
)
"""What is wrong with a value, as pydantic and the rules for values say it."""


def grouped(number: int) -> str:
    """A whole number, its thousands kept apart as the language has it."""
    return number_format(number, force_grouping=True)


def translated(text: str, templates: Iterable[str]) -> str:
    """A sentence that was made of one of these, in the language of the reader; any other as it is.

    What it was made with is translated likewise. For what is stored, or was written for a wire, in English.
    """
    for template in templates:
        if match := _pattern(template).fullmatch(text):
            values = {name: translated(value, templates) for name, value in match.groupdict().items()}
            return gettext(template) % values if values else gettext(template)
    return text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(template)), re.DOTALL)
