"""Whatever a client sends, every format gives the conversation, legal, and the same when it comes back."""

import copy
import random
from typing import Any

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

from .histories import FORMATS, got, held, path_of
from .legal import hold
from .test_nothing_vanishes import SAMPLES
from .test_wrong_types import fields_in, sample

pytestmark = pytest.mark.django_db

TRIES = 20
NAMES = (
    "type",
    "role",
    "content",
    "text",
    "id",
    "name",
    "parts",
    "metadata",
    "input",
    "output",
    "state",
    "more",
)
VALUES: tuple[Any, ...] = (
    *(None, 0, -1, 1.5, True, False, "", "x", " ", "\n", "[user]", "tool", "assistant", "é" * 50),
    *([], {}, [None], [[]], {"a": None}, {"error": "x"}, {"output": None}, {"role": "user"}),
    *("data:image/png;base64,xx", "data:", "http://x", {"type": "text"}, [{"type": "text", "text": "z"}]),
)


def mutate(chance: random.Random, body: dict[str, Any]) -> None:
    """Give one value another one, or take it away, or put one next to it."""
    paths = [path for path, _ in fields_in(body)] or [("more",)]
    *above, last = chance.choice(paths)
    inner: Any = body
    for name in above:
        inner = inner[name]
    value = copy.deepcopy(chance.choice(VALUES))
    match chance.randrange(4):
        case 0:
            inner.pop(*([last] if isinstance(inner, list) else [last, None]))
        case 1 if isinstance(inner, list):
            inner.insert(int(last), value)
        case 1:
            inner[chance.choice(NAMES)] = value
        case _:
            inner[last] = value


def mutated(format: str, number: int) -> dict[str, Any]:
    chance, body = random.Random(f"{format} {number}"), sample(format)
    for _ in range(chance.choice((1, 2, 3))):
        mutate(chance, body)
    return body


def without_ids(given: dict[str, Any]) -> dict[str, Any]:
    """UIMessages have ids of their own, those of messages where nobody named one."""
    for message in given.get("messages", ()):
        message.pop("id", None)
    return given


@pytest.mark.parametrize("number", range(TRIES))
@pytest.mark.parametrize("format", SAMPLES)
def test_what_is_stored_is_given_by_all(api: ApiClient, acme: Tenant, format: str, number: int):
    row = held(acme)
    status = api.post(path_of(row, f"format={format}"), mutated(format, number)).status_code
    assert status in (200, 201, 422)
    for other in FORMATS if status == 201 else ():
        given, again = got(api, row, other), held(acme)
        if other != format:  # to its own provider go things unknown to others, as they came
            hold(other, given)
        assert api.post(path_of(again, f"format={other}"), given).status_code in (200, 201)
        assert without_ids(got(api, again, other)) == without_ids(given)
