"""The yardstick does what it is compared in."""

from typing import Any

import pytest
from django.test import Client

from messaging.models import Message
from tests.bench.build import add_thread
from tests.cast import Tenant

pytestmark = pytest.mark.urls("tests.bench.plain.urls")


@pytest.fixture
def plain(acme: Tenant) -> Client:
    return Client(headers={"Authorization": f"Bearer {acme.secret}"})


def rows(plain: Client, query: str, path: str = "/messages") -> Any:
    answer = plain.get(f"{path}?limit=100&{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def message(acme: Tenant, **fields: Any) -> dict[str, Any]:
    return {"conversation": acme.conversation.pk, "sender_id": "ada", "content": "hello"} | fields


def test_it_lists_the_workspace_of_the_key(plain: Client, acme: Tenant):
    page = rows(plain, "ordering=-created_at")
    assert page["count"] == 2
    assert {row["id"] for row in page["results"]} == {acme.reply.pk, acme.question.pk}


def test_it_needs_a_key(acme: Tenant):
    assert Client().get("/messages").status_code == 401


def test_it_stores_one_and_many(plain: Client, acme: Tenant):
    one = plain.post("/messages", message(acme), content_type="application/json")
    many = plain.post("/messages", [message(acme)] * 3, content_type="application/json")
    assert (one.status_code, many.status_code, len(many.json())) == (201, 201, 3)
    stored = Message.objects.in_conversation(acme.conversation.pk).order_by("seq")
    assert [row.seq for row in stored] == [1, 2, 3, 4, 5, 6]
    assert stored[2].search_text == "hello"


@pytest.mark.parametrize("query", ["case=7", "tag=escalated", "search=HELLO"])
def test_it_narrows(plain: Client, acme: Tenant, query: str):
    fields: dict[str, Any] = {"meta_data": {"case": 7}, "tags": ["escalated"]}
    plain.post("/messages", message(acme, **fields), content_type="application/json")
    assert rows(plain, f"conversation={acme.conversation.pk}&{query}")["count"] == 1


def test_it_shows_parts(plain: Client, acme: Tenant):
    add_thread(acme.workspace.pk, 3)
    results = rows(plain, "ordering=seq", "/thread-messages")["results"]
    assert sorted(len(row["parts"]) for row in results) == [0, 0, 1, 2, 2]
