"""Cells of lists that hold two values on two lines, so that all columns fit."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

__all__ = ["above", "below"]


def above(first: object, second: object) -> SafeString:
    """The first value, and the second on a line of its own, less prominent."""
    return format_html("<bdi>{}</bdi>{}", first, below(second))


def below(value: object) -> SafeString:
    """The second line of a cell."""
    return format_html(' <span class="quiet parley-below"><bdi>{}</bdi></span>', value)
