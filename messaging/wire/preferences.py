"""What a caller prefers, by the header `Prefer` of RFC 7240."""

from collections.abc import Iterator
from typing import Literal, cast, get_args

from .names import nearest

Handling = Literal["strict", "lenient"]
HANDLINGS: tuple[str, ...] = get_args(Handling)
PREFERENCES = tuple(f"handling={each}" for each in HANDLINGS)
"""Those that have an effect here."""


def handling_of(header: str) -> Handling | None:
    """How to handle what would be ignored: the first `handling` of the header; None for an unknown one."""
    for name, value in _preferences(header):
        if name == "handling":
            return cast(Handling, value) if value in HANDLINGS else None
    return None


def misspelt_in(header: str) -> Iterator[str]:
    """The preferences that nearly are one of ours and so have no effect; others are for other servers."""
    for name, value in _preferences(header):
        is_ours = name == "handling" and value in HANDLINGS
        if not is_ours and (name in HANDLINGS or nearest(name, {"handling"})):
            yield f"{name}={value}" if value else name


def _preferences(header: str) -> Iterator[tuple[str, str]]:
    """(name, value) of each, without its parameters."""
    for preference in header.split(",") if header else ():
        name, _, value = preference.partition(";")[0].partition("=")
        yield name.strip().lower(), value.strip().strip('"').lower()
