"""Varied text for the dataset: the same for the same number, whatever was asked for before."""

from functools import cache
from random import Random

__all__ = ["COMMON", "FORKED", "RARE", "TAG", "text_of"]

RARE = "kalosiremantu"
"""Longer than any word, but made of the same syllables: its trigrams are as common as those of the others."""
COMMON = "refund"
"""On 1 % of the messages, as the tag is."""
TAG = "escalated"
FORKED = 10_000
"""So many messages of the large conversation are forked, where it has them."""

SYLLABLES = [
    onset + vowel + coda
    for onset in ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "tr", "st")
    for vowel in "aeiou"
    for coda in ("", "", "n", "r", "s")
]
CLAUSES = 4_000


def text_of(number: int, term: str = "") -> str:
    """About 200 characters: three clauses of a few thousand, with `term` between them if there is one."""
    clauses = _clauses()
    first, second, third = (
        (number * factor >> 16) % CLAUSES for factor in (2_654_435_761, 1_597_334_677, 987_654_319)
    )
    middle = f"{clauses[second][:-1]} {term}." if term else clauses[second]
    return f"{clauses[first]} {middle} {clauses[third]}"


@cache
def _clauses() -> list[str]:
    random = Random(2026)
    words = ["".join(random.choices(SYLLABLES, k=random.choice((1, 2, 2, 3, 3, 4)))) for _ in range(5_000)]
    words = [word for word in words if COMMON not in word]
    # As in any language, the n-th word is said about 1/n times as often as the first.
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return [" ".join(random.choices(words, weights, k=9)).capitalize() + "." for _ in range(CLAUSES)]
