"""Finding memories: by words, by meaning, by both, or the newest and the oldest."""

from collections import Counter
from collections.abc import Collection, Sequence
from heapq import nlargest
from typing import NamedTuple

from django.db.models import Case, IntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from messaging.models import Memory, MemoryQuerySet
from messaging.values.text import fold

from .kept import Compared, MemoriesOfUser
from .nearness import embedded, nearest_to, words_of
from .texts import Texts

__all__ = ["METHODS", "SearchedMemories", "search_memories"]

METHODS = (
    *("agentic", "agentic_vector", "agentic_hybrid", "agentic_keyword"),
    *("vector", "hybrid", "keyword", "last_n", "first_n"),
)
"""As the vendor names them. No agent searches here: the `agentic` ones do what they are named for, `agentic`
itself is `hybrid`."""
HYBRID, VECTOR, KEYWORD, LAST_N, FIRST_N = "hybrid", "vector", "keyword", "last_n", "first_n"
DAMPING = 60
"""Of reciprocal rank fusion: the first of one list does not outweigh what both lists have."""
DEPTH = 100
"""How far down each list is fused, at least."""
MOST_WORDS = 32
"""Of a query that are searched for."""
MOST_OF_ALL = 10_000
"""Memories of all users that a search looks at, the newest ones."""


class SearchedMemories(NamedTuple):
    """The memories, the best first, and how they were found, which may be less than was asked for."""

    memories: list[Memory]
    method: str


def search_memories(
    *, workspace_id: str, query: str, user_id: str | None = None, limit: int = 10, method: str = "agentic"
) -> SearchedMemories:
    """At most `limit` memories of a user, or of the workspace, for this query.

    By meaning only with an embedder that answers, and among the memories of one user; otherwise, and for the
    methods that need it, by words, as `method` of the answer says. `last_n` and `first_n` leave the query
    aside. Raises ValueError for a method that is none of METHODS.
    """
    rows = Memory.objects.for_workspace(workspace_id).live()
    mine = None if user_id is None else MemoriesOfUser(workspace_id, user_id)
    wanted = _plain(method)
    if wanted in (LAST_N, FIRST_N):
        within = mine.rows if mine else rows
        return SearchedMemories(list(_by_time(within, newest=wanted == LAST_N)[:limit]), wanted)
    depth = max(limit, DEPTH) if wanted == HYBRID else limit
    near = _by_meaning(mine, query, depth) if mine and wanted != KEYWORD else None
    if near is None:
        return SearchedMemories(_in_order(rows, _by_words(rows, mine, query, limit)), KEYWORD)
    ids = near if wanted == VECTOR else _fused([near, _by_words(rows, mine, query, depth)])
    return SearchedMemories(_in_order(rows, ids[:limit]), wanted)


def _plain(method: str) -> str:
    if method not in METHODS:
        raise ValueError(f"{method!r} is no way to search; there are {', '.join(METHODS)}")
    return HYBRID if method == "agentic" else method.removeprefix("agentic_")


def _by_time(rows: MemoryQuerySet, *, newest: bool) -> MemoryQuerySet:
    return rows.in_order(("updated_at", "id"), descending=newest)


def _by_words(rows: MemoryQuerySet, mine: MemoriesOfUser | None, query: str, limit: int) -> list[str]:
    """The ids of memories with the whole query or some of its words, those with most of it first."""
    words, whole = _longest(words_of(query)), fold(query).strip()
    if not whole:
        return []
    compared = mine.texts() if mine else None
    if compared is not None:
        return [compared.ids[number] for number in _best(compared, words, whole, limit)]
    newest = _by_time(rows, newest=True).values("pk")[:MOST_OF_ALL]
    return _best_in_database(mine.rows if mine else rows.filter(pk__in=newest), words, whole, limit)


def _longest(words: Collection[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))[:MOST_WORDS]


def _best(compared: Compared[Texts], words: Sequence[str], whole: str, limit: int) -> list[int]:
    """The numbers of the texts that hold most, the last of equals first."""
    texts, scores = compared.values, Counter[int]()
    for numbers in texts.holding(words):
        scores.update(numbers)
    # What holds the whole query holds each of its words, and counts twice as much.
    complete = [number for number, score in scores.items() if score == len(words)]
    for number in texts.within(complete if words else range(len(texts)), whole):
        scores[number] += len(words) + 1
    for number in compared.gone:
        scores.pop(number, None)
    # As one number, since these compare quickly: the higher score first, then the higher number.
    ranks = [score * len(texts) + number for number, score in scores.items()]
    return [rank % len(texts) for rank in nlargest(limit, ranks)]


def _best_in_database(rows: MemoryQuerySet, words: Sequence[str], whole: str, limit: int) -> list[str]:
    """The same, where too much would have to be read for it."""
    scores = [*(_score(word, 1) for word in words), _score(whole, len(words) + 1)]
    matching = rows.annotate(score=sum(scores[1:], start=scores[0])).filter(score__gt=0)
    return list(matching.order_by("-score", "-updated_at", "-id").values_list("pk", flat=True)[:limit])


def _score(text: str, weight: int) -> Combinable:
    """The weight where a memory holds the text, else 0."""
    # Not LIKE, which takes twice as long where no index serves it.
    holds = GreaterThan(StrIndex("search_text", Value(text)), 0)
    return Case(When(holds, then=Value(weight)), default=Value(0), output_field=IntegerField())


def _by_meaning(mine: MemoriesOfUser, query: str, limit: int) -> list[str] | None:
    """The ids of memories of a user, the nearest first; None where no embedder tells."""
    vectors = embedded([query])
    if vectors is None:
        return None
    near = nearest_to(mine.rows, vectors, limit, lambda: mine.vectors(vectors.shape[1]))
    return [each.id for each in near]


def _fused(rankings: Sequence[Sequence[str]]) -> list[str]:
    """One ranking of several: reciprocal rank fusion."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, pk in enumerate(ranking, start=1):
            scores[pk] = scores.get(pk, 0.0) + 1 / (DAMPING + rank)
    return sorted(scores, key=lambda pk: -scores[pk])


def _in_order(rows: MemoryQuerySet, ids: Sequence[str]) -> list[Memory]:
    by_id = {row.pk: row for row in rows.filter(pk__in=ids).defer("embedding", "search_text")}
    return [by_id[pk] for pk in ids if pk in by_id]
