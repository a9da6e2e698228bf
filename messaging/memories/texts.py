"""The texts of memories, and which of them hold a word, as part of one of theirs or whole."""

from collections.abc import Iterable, Sequence
from typing import Self

__all__ = ["Texts"]

FEW = 8
"""Words for which every text is looked through, in all searches; then an index of words is made, which takes
about three times as long."""
MANY = 500
"""Texts that come to an index before it is made anew: these are looked through."""
BYTES_OF_A_STRING = 64
"""Besides its characters."""
BYTES_OF_A_CHARACTER = 6
"""Itself, and its share of the index."""


class Texts:
    """Folded texts, each under its number. They never change; `extended` answers others."""

    def __init__(self, texts: Sequence[str], index: "_Index | None" = None) -> None:
        self._texts = texts
        self._index = index
        self._looked_for = 0
        self.nbytes = BYTES_OF_A_CHARACTER * sum(map(len, texts)) + BYTES_OF_A_STRING * len(texts)
        """About what they take, with their index."""

    def __len__(self) -> int:
        return len(self._texts)

    def extended(self, new: Self) -> "Texts":
        """These and the new ones behind them."""
        is_useful = self._index and len(self) + len(new) - self._index.size <= MANY
        return Texts([*self._texts, *new._texts], self._index if is_useful else None)

    def holding(self, words: Sequence[str]) -> Iterable[Iterable[int]]:
        """For each word, which is one without spaces, the numbers of the texts that hold it."""
        self._looked_for += len(words)
        if self._index is None and self._looked_for > FEW:
            self._index = _Index(self._texts)
        index = self._index
        if index is None:
            return (self._scan(word, 0) for word in words)
        return ([*index.holding(word), *self._scan(word, index.size)] for word in words)

    def within(self, numbers: Iterable[int], text: str) -> list[int]:
        """Those of these numbers whose texts hold this one."""
        return [number for number in numbers if text in self._texts[number]]

    def _scan(self, word: str, start: int) -> list[int]:
        return [number for number, text in enumerate(self._texts[start:], start) if word in text]


class _Index:
    """The numbers of the texts that hold each word, a word being what stands between spaces."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.size = len(texts)
        self._numbers: dict[str, list[int]] = {}
        for number, text in enumerate(texts):
            for word in set(text.split()):
                self._numbers.setdefault(word, []).append(number)
        self._words = "\n".join(["", *self._numbers, ""])

    def holding(self, part: str) -> Iterable[int]:
        """The numbers of the texts with words that hold this part of a word."""
        listed = [self._numbers[word] for word in self._words_with(part)]
        return listed[0] if len(listed) == 1 else set().union(*listed)

    def _words_with(self, part: str) -> Iterable[str]:
        end = 0
        while (middle := self._words.find(part, end)) >= 0:
            start, end = self._words.rfind("\n", 0, middle) + 1, self._words.find("\n", middle)
            yield self._words[start:end]
