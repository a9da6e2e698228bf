"""`include=last_message`: the newest message of each conversation, by one statement for all of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Tenant
from tests.client import ApiClient, statements

PATH = "/api/v1/conversations"


@pytest.mark.wire("mielto", "list_conversations", "last_message is there with include=last_message alone")
@pytest.mark.parametrize("query", ["", "?include="])
def test_it_is_absent_by_default(api: ApiClient, acme: Tenant, query):
    assert "last_message" not in api.get(f"{PATH}{query}").json()["data"][0]
    assert "last_message" not in api.get(f"{PATH}/{acme.conversation.pk}{query}").json()


@pytest.mark.wire("mielto", "get_conversation", "last_message is what its list begins with, null without any")
def test_it_is_the_newest(api: ApiClient, acme: Tenant):
    empty = api.post(PATH, {}).json()["id"]
    messages = f"{PATH}/{acme.conversation.pk}/messages"
    api.post(messages, {"content": "of long ago", "created_at": "2001-01-01T00:00:00Z"})
    newest = api.get(f"{messages}?limit=1").json()["data"][0]
    assert newest["id"] == acme.reply.pk
    by_id = {row["id"]: row["last_message"] for row in api.get(f"{PATH}?include=last_message").json()["data"]}
    assert by_id == {acme.conversation.pk: newest, empty: None}
    for pk, message in by_id.items():
        assert api.get(f"{PATH}/{pk}?include=last_message").json()["last_message"] == message


def test_it_follows_a_deletion(api: ApiClient, acme: Tenant):
    api.delete(f"/api/v1/messages/{acme.reply.pk}")
    shown = api.get(f"{PATH}/{acme.conversation.pk}?include=last_message").json()
    assert shown["last_message"]["id"] == acme.question.pk


def test_it_takes_one_statement_however_many_there_are(api: ApiClient):
    def taken(query: str) -> int:
        with CaptureQueriesContext(connection) as context:
            assert api.get(f"{PATH}{query}").status_code == 200
        return len(statements(context))

    for number in range(12):
        api.post(PATH, {"messages": [{"content": str(number)}, {"content": "last"}]})
    taken("")
    assert taken("?include=last_message") == taken("") + 1


def test_nothing_else_can_be_included(api: ApiClient):
    assert api.get(f"{PATH}?include=messages").status_code == 422
