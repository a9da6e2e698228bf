"""How many tokens a text has, by the counter that the setting `TOKEN_COUNTER` names."""

from collections.abc import Callable
from functools import cache
from typing import Protocol

from django.utils.module_loading import import_string

Counter = Callable[[str], int]
"""From a text to the number of its tokens, which is 0 or more."""

ESTIMATE = "estimate"
WRITER = "writer"
"""Stands in place of a counter's name where whoever wrote a message has said its count."""
VOCABULARIES = ("o200k_base", "cl100k_base")
"""What the extra `tokens` counts exactly, under the names that tiktoken gave them."""
MOST_TOKENS = 2**31 - 1
PIECE = 500_000
"""Characters that the exact counters take at once; a longer text is cut, which may add a token a cut."""
DENSE = ("{", "[")
"""How JSON begins, of which a token is shorter than of prose."""


class _Encoding(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...


def estimate(text: str) -> int:
    """The tokens of a text by its bytes in UTF-8: one for four, and four for eleven of JSON; rounded up.

    Of English prose, and of JSON as tools write it, that is a little more than a vocabulary of OpenAI has.
    """
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return -(-size * 4 // 11) if text.startswith(DENSE) else -(-size // 4)


@cache
def counter_named(name: str) -> Counter:
    """The counter of this name: `estimate`, a vocabulary, or a dotted path. Raises ImportError."""
    if name == ESTIMATE:
        return estimate
    if name in VOCABULARIES:
        return _exact(name)
    counter: Counter = import_string(name)
    return counter


def _exact(name: str) -> Counter:
    get_encoding: Callable[[str], _Encoding] = import_string("bpe_openai.get_encoding")
    encoding = get_encoding(name)

    def count(text: str) -> int:
        pieces = (text[start : start + PIECE] for start in range(0, len(text), PIECE))
        return sum(len(encoding.encode_ordinary(piece)) for piece in pieces)

    return count
