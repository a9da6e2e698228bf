"""A kept answer holds no second copy of what its request says, and is rebuilt byte for byte."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from messaging.models import IdempotencyRecord
from messaging.services import redact_messages
from messaging.services.retries.echoes import LEAST_BYTES, references_to, with_echoes, without_echoes
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/messages"
LONG = "It was a bright cold day in April. " * 100
TEXTS = {
    "plain": LONG,
    "quoted": f'"{LONG}"\\ and\na line\t\x01',
    "accented": "Zoë 👍 — ",
    "like a reference": '"\\u00007:9"' * LEAST_BYTES,
    "like the answer": '","checksum":"' * LEAST_BYTES,
    "as long as need be": "x" * (LEAST_BYTES - 2),
    "shorter": "x" * (LEAST_BYTES - 3),
}


def kept() -> bytes:
    return b"".join(bytes(record.body or b"") for record in IdempotencyRecord.objects.all())


@pytest.mark.parametrize("text", [*TEXTS.values()], ids=[*TEXTS])
@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("repeats", [1, LEAST_BYTES])
def test_a_replay_is_the_answer_byte_for_byte(api: ApiClient, text: str, ensure_ascii: bool, repeats: int):
    body = json.dumps({"content": {"content": text * repeats}}, ensure_ascii=ensure_ascii).encode()
    first, second = (api.post(PATH, body, idempotency_key="k") for _ in range(2))
    assert (second.content, second["Idempotent-Replayed"]) == (first.content, "true")
    assert second.json()[0]["content"] == text * repeats


def test_texts_are_not_kept_with_the_answer(api: ApiClient):
    messages = [{"content": f"{number} {LONG}", "meta_data": {"said": LONG}} for number in range(50)]
    first = api.post(PATH, {"content": messages}, idempotency_key="k")
    assert LONG.encode() not in kept()
    assert len(kept()) < len(first.content) / 4


@pytest.mark.parametrize("path", ["/v1/threads/{}/messages", "/api/v1/conversations/{}/messages"])
def test_nor_on_the_other_routes(api: ApiClient, acme: Tenant, path: str):
    body = {"role": "user", "content": LONG}
    first, second = (api.post(path.format(acme.conversation.pk), body, idempotency_key="k") for _ in range(2))
    assert (second.content, second["Idempotent-Replayed"]) == (first.content, "true")
    assert LONG.encode() not in kept()


def test_what_is_said_twice_is_referred_to_twice():
    request, answer = json.dumps([LONG]).encode(), json.dumps({"a": LONG, LONG: [LONG]}).encode()
    skeleton = without_echoes(answer, references_to(request))
    assert LONG.encode() not in skeleton
    assert json.loads(skeleton)
    assert with_echoes(skeleton, request) == answer


@pytest.fixture
def said(api: ApiClient, acme: Tenant) -> Callable[[], Any]:
    body = {
        "conversation_id": acme.conversation.pk,
        "content": [{"content": f"{who} {LONG}", "meta_data": {"as": f"{who} {LONG}"}} for who in "ab"],
    }
    return lambda: api.post(PATH, body, idempotency_key="k")


def test_a_redacted_message_is_shown_redacted_and_its_neighbour_whole(said, acme: Tenant):
    first = said().json()
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[first[0]["id"]])
    second = said()
    assert second["Idempotent-Replayed"] == "true"
    redacted, whole = second.json()
    assert (redacted["content"], whole) == ("[redacted]", first[1])
    assert LONG not in json.dumps(redacted)


def test_deletion_still_finds_the_answers_that_show_a_message(api: ApiClient, said):
    first = said().json()
    api.delete(f"{PATH}/{first[1]['id']}")
    assert kept() == b""
    assert said().status_code == 404
