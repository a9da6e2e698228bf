"""Which memories of a user lie near a text, by vectors where there is an embedder, else by words."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models.functions import Length

from messaging.models import MemoryQuerySet
from messaging.sql.pgvector import Distance, has_vectors
from messaging.values.text import fold

from .embedding import embedder
from .extracting import ModelUnavailable
from .kept import Compared, vectors_of

if TYPE_CHECKING:
    import numpy

    from .embedding import Vectors

    Compare = Callable[[], Compared[Vectors] | None]

__all__ = ["Near", "embedded", "nearest", "nearest_to", "same", "words_of"]

logger = logging.getLogger("messaging")

WORD = re.compile(r"\w{2,}")
# Two texts that differ in these mean different things, however near they lie.
TELLING = re.compile(
    r"\d+|\b(?:not|no|never|don't|doesn't|can't|cannot|without|kein\w*|nicht|nie|niemals|ohne)\b"
)


GONE = -2.0
"""Below every cosine: the score of what is compared no more."""


class Near(NamedTuple):
    """A memory, and how near it lies."""

    id: str
    cosine: float


def embedded(texts: Sequence[str]) -> "Vectors | None":
    """The vectors of these texts; None where no embedder is set, or none answers now."""
    using = embedder()
    if using is None:
        return None
    try:
        return using.embed(texts)
    except (ModelUnavailable, ValueError) as error:
        logger.warning("texts are compared by their words: %s", error)
        return None


def nearest(rows: MemoryQuerySet, texts: Sequence[str], most: int) -> list[str]:
    """The ids of at most so many of these memories, those nearest to any of the texts first."""
    vectors = embedded(texts)
    near = [] if vectors is None else nearest_to(rows, vectors, most)
    return [each.id for each in near] or _by_words(rows, texts, most)


def nearest_to(
    rows: MemoryQuerySet, vectors: "Vectors", most: int, compared: "Compare | None" = None
) -> list[Near]:
    """At most so many of these memories, those nearest to any of the vectors first, the newest of equals.

    PostgreSQL compares them where it has their vectors; else this process, for which `compared` may give what
    has been read already. Memories without a vector of the present embedder are left out.
    """
    if has_vectors(rows.db):
        return _by_postgresql(rows, vectors, most)
    stored = compared() if compared else vectors_of(rows, vectors.shape[1])
    if stored is None:
        return []
    scores = _cosines(stored.values, vectors).max(axis=1)
    scores[list(stored.gone)] = GONE
    return [Near(stored.ids[row], float(scores[row])) for row in _best(scores, most)]


def _by_postgresql(rows: MemoryQuerySet, vectors: "Vectors", most: int) -> list[Near]:
    using = embedder()
    fitting = rows.filter(embedder=using.name if using else "").alias(size=Length("embedding"))
    ordered = fitting.filter(size=2 * vectors.shape[1]).annotate(distance=Distance(vectors.tolist()))
    listed = ordered.order_by("distance", "-updated_at", "-id").values_list("pk", "distance")
    return [Near(pk, -distance) for pk, distance in listed[:most]]


def _cosines(stored: "Vectors", vectors: "Vectors") -> "Vectors":
    """That of each stored vector, a row, with each of these, a column."""
    import numpy

    # Not a product of matrices: that one has threads of its own, which go on spinning for a while.
    scores: Vectors = numpy.einsum("ij,kj->ik", stored, vectors)
    return scores


def _best(scores: "numpy.ndarray[Any, Any]", most: int) -> list[int]:
    """The numbers of at most so many scores, the highest first, the last of equals first."""
    import numpy

    last = numpy.partition(scores, -most)[-most] if most < len(scores) else GONE
    rows = numpy.flatnonzero((scores >= last) & (scores > GONE))[::-1]
    numbers: list[int] = rows[(-scores[rows]).argsort(kind="stable")][:most].tolist()
    return numbers


def same(left: str, right: str) -> bool:
    """Whether two texts that lie near can mean the same: with the same numbers, and denied alike."""
    return sorted(TELLING.findall(fold(left))) == sorted(TELLING.findall(fold(right)))


def words_of(text: str) -> set[str]:
    """The words of a text, folded: those of three characters and more, where it has some."""
    words = set(WORD.findall(fold(text)))
    return {word for word in words if len(word) > 2} or words


def _by_words(rows: MemoryQuerySet, texts: Iterable[str], most: int) -> list[str]:
    wanted = words_of(" ".join(texts))
    newest_first = rows.order_by("-updated_at", "-id").values_list("pk", "search_text")
    scored = [(-len(wanted & set(WORD.findall(text))), pk) for pk, text in newest_first.iterator()]
    return [pk for _, pk in sorted(scored, key=lambda each: each[0])[:most]]
