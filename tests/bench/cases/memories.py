"""Searching ten thousand memories of one user."""

import orjson

from tests.bench.client import Answer, Failed
from tests.bench.measuring import Subject
from tests.bench.memories import EMBEDDER, USER
from tests.bench.scene import Scene
from tests.bench.words import text_of

from .case import Case, exchange

__all__ = ["SEARCHING"]

LIMIT = 10
GOAL = 15
FEW_WORDS = " ".join(text_of(7).split()[:4])
MANY_WORDS = text_of(8)


def search(method: str, query: str = FEW_WORDS, *, note: str = "") -> Case:
    """One search by this method, again and again. Without an embedder each answers by words."""

    def service(scene: Scene) -> Subject:
        body = {"query": query, "user_id": USER, "retrieval_method": method, "limit": LIMIT}
        request = scene.api.request("POST", "/api/v1/memories/search", body)
        return exchange(scene.api, lambda: request, 200, check)

    def check(answer: Answer) -> None:
        payload = orjson.loads(answer.body)
        expected = "keyword" if EMBEDDER == "none" else method
        if payload["retrieval_method"] != expected:
            raise Failed(f"searched by {payload['retrieval_method']} instead of {expected}")
        if method != "keyword" and EMBEDDER != "none" and len(payload["memories"]) != LIMIT:
            raise Failed(f"{len(payload['memories'])} memories instead of {LIMIT}")

    return Case(name=f"search 10,000 memories, {method}{note}", group="memories", service=service, goal=GOAL)


SEARCHING = (
    search("keyword"),
    search("keyword", MANY_WORDS, note=" of a long text"),
    search("vector"),
    search("hybrid"),
)
