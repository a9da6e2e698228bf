"""Text: what of it can be stored, and how two texts are compared."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
SURROGATE = re.compile("[\ud800-\udfff]")
THREE_IN_A_ROW = re.compile(r"[^\W_]{3}")
PIECE, LONGEST_CLUSTER = 48, 16
DOTTED_I = "i\u0307"
# Letters that normal forms join to the one before: vowels and finals of Hangul, and some of South Asia.
HANGUL = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))
OF_SOUTH_ASIA = (
    *(0x9BE, 0x9D7, 0xB3E, 0xB56, 0xB57, 0xBBE, 0xBD7, 0xCC2, 0xCD5, 0xCD6, 0xD3E, 0xD57, 0xDCF, 0xDDF),
    *(0x102E, 0x1B35, 0x11127, 0x1133E, 0x11357, 0x113B8, 0x113BB, 0x113C2, 0x113C5, 0x113C7, 0x113C8),
    *(0x113C9, 0x114B0, 0x114BA, 0x114BD, 0x115AF, 0x11930),
)
JOINED = frozenset(map(chr, (*HANGUL, *OF_SOUTH_ASIA)))


def text_problem(text: str) -> str | None:
    """Why a text cannot be stored; None for one that can."""
    if "\0" in text:
        return "Text must not contain the NUL character (U+0000)"
    if not text.isascii() and SURROGATE.search(text):
        return "Text must not contain half of a surrogate pair (U+D800 to U+DFFF)"
    return None


def escaped(text: str) -> str:
    """The text in one line: what ends a line or moves a cursor is written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def with_plain_line_ends(text: str) -> str:
    r"""The text with `\n` at the end of each line. Browsers send `\r\n` for any line end of a field."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def fold(text: str) -> str:
    """The form in which texts are compared when neither case nor composition matters, on every database.

    NFKC, full case folding, NFKC of what that took apart, and `i` without the dot that folding leaves on it.
    """
    if text.isascii():
        return text.casefold()
    return _composed(_composed(text).casefold()).replace(DOTTED_I, "i")


def clusters(text: str) -> Iterator[str]:
    """The text in pieces, each as short as may be, whose folded forms add up to the folded text."""
    begin = 0
    for index in range(1, len(text)):
        if _begins_cluster(text[index]):
            yield text[begin:index]
            begin = index
    if text:
        yield text[begin:]


def normalized(text: str, form: Form) -> str:
    """The text in a normal form of Unicode, in a time that grows with its length alone.

    Python sorts the combining characters behind a letter by insertion, so thousands of them in a wrong order
    would take minutes. In no language are there more than a few: a longer run is normalized in parts.
    """
    if text.isascii() or unicodedata.is_normalized(form, text):
        return text
    return "".join(unicodedata.normalize(form, piece) for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """The text in short pieces, where no run is too long each with whole clusters."""
    begin = 0
    while begin < len(text):
        end = begin + PIECE
        while end < min(len(text), begin + PIECE + LONGEST_CLUSTER) and not _begins_cluster(text[end]):
            end += 1
        yield text[begin:end]
        begin = end


@lru_cache(maxsize=10_000)
def _begins_cluster(character: str) -> bool:
    """Whether no normal form joins the character to the one before it."""
    first = unicodedata.normalize("NFKD", character)[0]
    return not unicodedata.combining(first) and first not in JOINED


def _composed(text: str) -> str:
    return normalized(text, "NFKC")


def has_trigram(text: str) -> bool:
    """Whether PostgreSQL's index of trigrams can find this text: it has three letters or digits in a row."""
    return bool(THREE_IN_A_ROW.search(fold(text)))
