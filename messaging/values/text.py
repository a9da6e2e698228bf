"""Text: what of it can be stored, and how two texts are compared."""

import re

__all__ = ["fold", "has_trigram", "text_problem"]

SURROGATE = re.compile("[\ud800-\udfff]")
THREE_IN_A_ROW = re.compile(r"[^\W_]{3}")


def text_problem(text: str) -> str | None:
    """Why a text cannot be stored; None for one that can."""
    if "\0" in text:
        return "Text must not contain the NUL character (U+0000)"
    if SURROGATE.search(text):
        return "Text must not contain half of a surrogate pair (U+D800 to U+DFFF)"
    return None


def fold(text: str) -> str:
    """The form in which texts are compared when case does not matter, the same on every database."""
    return text.casefold()


def has_trigram(text: str) -> bool:
    """Whether PostgreSQL's index of trigrams can find this text: it has three letters or digits in a row."""
    return bool(THREE_IN_A_ROW.search(fold(text)))
