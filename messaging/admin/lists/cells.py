"""Cells of lists that hold two values, one below the other: columns that all fit beside the filters."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

__all__ = ["above", "below"]


def above(first: Any, second: Any) -> SafeString:
    """The first value with the second, quieter, below it."""
    return format_html("<bdi>{}</bdi>{}", first, below(second))


def below(value: Any) -> SafeString:
    """What stands below the value that a cell is about."""
    return format_html(' <span class="quiet parley-below"><bdi>{}</bdi></span>', value)
