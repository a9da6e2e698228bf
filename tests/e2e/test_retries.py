"""A retry is not a second message: twins at once, impatient clients, histories imported again."""

from collections import Counter
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.tenant import CONVERSATIONS, MESSAGES, Tenant, at_once, created, page

TWINS = 50


def post_twins(tenant: Tenant, path: str, body: object) -> list[httpx.Response]:
    key = {"Idempotency-Key": str(uuid4())}
    return at_once(TWINS, lambda _: tenant.client.post(path, json=body, headers=key))


def assert_answered_alike(answers: list[httpx.Response]) -> None:
    """One performed, the others replayed it, byte for byte."""
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    replayed = Counter(answer.headers.get("Idempotent-Replayed") for answer in answers)
    assert replayed == {None: 1, "true": TWINS - 1}


def test_twins_store_one_message(tenant: Tenant):
    conversation = tenant.conversation()
    body = {"conversation_id": conversation, "content": {"content": "once"}}
    assert_answered_alike(post_twins(tenant, MESSAGES, body))
    assert tenant.numbers(conversation) == [1]
    assert tenant.counters(conversation) == (1, 1)


def test_twins_open_one_conversation(tenant: Tenant):
    assert_answered_alike(post_twins(tenant, MESSAGES, {"content": [{"content": "a"}, {"content": "b"}]}))
    [conversation] = page(tenant.client, CONVERSATIONS)["data"]
    assert tenant.counters(conversation["id"]) == (2, 2)


@pytest.mark.parametrize("path", [CONVERSATIONS, CONVERSATIONS + "/{}/messages"])
def test_twins_of_every_other_write(tenant: Tenant, path: str):
    conversation = tenant.conversation()
    assert_answered_alike(post_twins(tenant, path.format(conversation), {"title": "one", "content": "one"}))
    assert len(page(tenant.client, CONVERSATIONS)["data"]) + len(tenant.numbers(conversation)) == 2


def test_another_body_under_the_key_of_a_request_is_refused(tenant: Tenant):
    conversation, key = tenant.conversation(), {"Idempotency-Key": "k"}
    bodies = [
        {"conversation_id": conversation, "content": {"content": f"{number % 2}"}} for number in range(20)
    ]
    answers = at_once(20, lambda number: tenant.client.post(MESSAGES, json=bodies[number], headers=key))
    assert Counter(answer.status_code for answer in answers) == {201: 10, 422: 10}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert tenant.counters(conversation) == (1, 1)


def test_a_refused_request_does_not_use_up_its_key(tenant: Tenant):
    key, body = {"Idempotency-Key": "k"}, {"conversation_id": "conv_absent", "content": {"content": "x"}}
    absent = at_once(8, lambda _: tenant.client.post(MESSAGES, json=body, headers=key))
    assert {answer.status_code for answer in absent} == {404}
    created(tenant.client.post(MESSAGES, json={"content": {"content": "x"}}, headers=key))


def test_a_client_that_did_not_wait_for_the_answer_may_ask_again(tenant: Tenant):
    conversation, impatience = tenant.conversation(), httpx.Timeout(30, read=0.002)

    def send(writer: int) -> None:
        for number in range(5):
            body = {"conversation_id": conversation, "content": {"content": f"{writer}/{number}"}}
            request: Any = {"json": body, "headers": {"Idempotency-Key": f"{writer}/{number}"}}
            for _ in range(3):
                with suppress(httpx.ReadTimeout):
                    tenant.client.post(MESSAGES, timeout=impatience, **request)
            created(tenant.client.post(MESSAGES, **request))

    at_once(8, send)
    rows = page(tenant.client, conversation_id=conversation, limit=1000)["data"]
    assert sorted(row["content"] for row in rows) == sorted(f"{w}/{n}" for w in range(8) for n in range(5))
    assert tenant.counters(conversation) == (40, 40)


def test_importers_at_once_store_each_message_once(tenant: Tenant):
    conversation = tenant.conversation()
    history = [
        {"content": f"line {number // 2}", "created_at": f"2026-05-04T09:{number:02}:00Z"}
        for number in range(40)
    ]
    body = {"conversation_id": conversation, "content": history}
    answers = at_once(8, lambda _: created(tenant.client.post(MESSAGES, json=body)))
    assert all(answer == answers[0] for answer in answers)
    assert [row["id"] for row in answers[0]] == tenant.ids(conversation)
    assert tenant.numbers(conversation) == list(range(1, 41))
    assert tenant.counters(conversation) == (40, 40)
