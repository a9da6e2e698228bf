"""Creating messages: one, a hundred, a thousand at a time."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from uuid import uuid4

import orjson

from tests.bench.client import Answer, Failed
from tests.bench.measuring import Subject
from tests.bench.scene import Scene
from tests.bench.words import FORKED, text_of

from .case import Case, exchange

__all__ = ["WRITING", "new_messages"]

LARGE = None
numbers = count()


def new_messages(many: int) -> list[dict[str, Any]]:
    """As many as in the dataset, none said before."""
    return [
        {
            "content": text_of(10**9 + number),
            "meta_data": {"case": number % 7, "channel": "web"},
            "tags": ["new"],
        }
        for number, _ in zip(numbers, range(many), strict=False)
    ]


def create(
    name: str, many: int, place: int | None, *, headers: Callable[[], Mapping[str, str]] = dict, **goals: Any
) -> Case:
    """Into one of the fresh conversations, each subject into its own, or (None) all into the large one."""

    def conversation(scene: Scene, offset: int) -> str:
        return scene.database.facts.large if place is None else scene.fresh(place + offset)

    def service(scene: Scene) -> Subject:
        target = conversation(scene, 0)

        def ready() -> bytes:
            new = new_messages(many)
            body = {"conversation_id": target, "content": new if many > 1 else new[0]}
            return scene.api.request("POST", "/api/v1/messages", body, headers())

        return exchange(scene.api, ready, 201, stored(many))

    def plain(scene: Scene) -> Subject:
        assert scene.plain
        connection, target = scene.plain, conversation(scene, 1)
        scene.floor.start_plain(target)

        def ready() -> bytes:
            new = [{"conversation": target, "sender_id": "ada"} | message for message in new_messages(many)]
            return connection.request("POST", "/messages", new if many > 1 else new[0])

        return exchange(connection, ready, 201, stored(many))

    def floor(scene: Scene) -> Subject:
        target, sql = conversation(scene, 2), scene.floor.insert_sql(many)

        def ready() -> Callable[[], None]:
            values = scene.floor.new_rows(target, many)
            return lambda: scene.floor.insert(sql, values)

        return Subject(ready)

    return Case(name=name, group="create", service=service, plain=plain, floor=floor, **goals)


def fork(scene: Scene) -> Subject:
    """The first 10,000 messages of the large conversation, again and again into a new one."""
    facts = scene.database.facts
    request = scene.api.request("POST", f"/api/v1/conversations/{facts.large}/fork", {"until": facts.until})

    def check(answer: Answer) -> None:
        forked = orjson.loads(answer.body)["message_count"]
        if forked != min(FORKED, scene.database.messages // 10):
            raise Failed(f"{forked} messages forked")

    return exchange(scene.api, lambda: request, 201, check)


def new_key() -> dict[str, str]:
    """What makes a request one that may be sent again."""
    return {"Idempotency-Key": uuid4().hex}


def stored(many: int) -> Callable[[Answer], None]:
    def check(answer: Answer) -> None:
        payload = orjson.loads(answer.body)
        found = len(payload) if isinstance(payload, list) else 1
        if found != many:
            raise Failed(f"{found} messages answered instead of {many}")

    return check


WRITING = (
    create("create 1, small conversation", 1, 0, goal=2, times_floor=6),
    create("create 1 with an Idempotency-Key", 1, 9, headers=new_key),
    create("create 1, in the large conversation", 1, LARGE, goal=2, times_floor=6),
    create("create a batch of 100", 100, 3, goal=6, times_plain=3),
    create("bulk, batches of 1,000, messages/s", 1_000, 6, goal=20_000, times_plain=3, messages=1_000),
    Case(name="fork 10,000 messages", group="fork", service=fork, goal=1_000),
)
