"""How many SQL statements each operation takes, held by statements.json, on either database.

`RECORD_STATEMENTS=1` writes the file anew, so that a change shows in review. Statements are counted
beside BEGIN, COMMIT and savepoints, authentication included, with a key whose use was already noted and
a conversation that was written to before.
"""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.api.dialect import MIELTO
from messaging.services import add_memory, create_webhook, give_feedback
from tests.baseline import hold_statements, operations
from tests.cast import Tenant
from tests.client import ApiClient, statements

BASELINE = Path(__file__).with_name("statements.json")
BATCH = [{"content": str(number)} for number in range(100)]
IMPORTS = [{"content": str(number), "created_at": "2024-05-01T12:00:00Z"} for number in range(100)]
TRANSCRIPT = {"messages": [{"role": "user", "content": str(number)} for number in range(100)]}
LARGE = [{"data": "x" * 40_000}]

# name, which begins with the operation: (method, path, body, headers)
CALLS = {
    "create_message": (
        "POST",
        "messages",
        {"conversation_id": "{conversation}", "content": {"content": "x"}},
    ),
    "create_message, batch of 100": (
        "POST",
        "messages",
        {"conversation_id": "{conversation}", "content": BATCH},
    ),
    "create_message, import of 100": (
        "POST",
        "messages",
        {"conversation_id": "{conversation}", "content": IMPORTS},
    ),
    "create_message, new conversation": ("POST", "messages", {"content": {"content": "x"}}),
    "create_message, Idempotency-Key": (
        "POST",
        "messages",
        {"conversation_id": "{conversation}", "content": {"content": "x"}},
        {"idempotency_key": "k"},
    ),
    "create_message, large attachment": (
        "POST",
        "messages",
        {"conversation_id": "{conversation}", "content": {"content": "x", "attachments": LARGE}},
    ),
    "create_message, unknown conversation": ("POST", "messages", {"conversation_id": "x", "content": BATCH}),
    "list_messages": ("GET", "messages?limit=1", None),
    "list_messages, last page": ("GET", "messages", None),
    "list_messages, of a conversation": ("GET", "messages?conversation_id={conversation}&limit=1", None),
    "list_messages, filtered": ("GET", "messages?role=user&search=a&limit=1", None),
    "get_message": ("GET", "messages/{message}", None),
    "update_message": ("PATCH", "messages/{message}", {"content": "new"}),
    "delete_message": ("DELETE", "messages/{message}", None),
    "create_conversation": ("POST", "conversations", {"title": "x"}),
    "create_conversation, 100 messages": ("POST", "conversations", {"messages": BATCH}),
    "upsert_conversation": ("PUT", "conversations?external_id=a", {"title": "x"}),
    "list_conversations, last messages": ("GET", "conversations?limit=1&include=last_message", None),
    "list_conversations": ("GET", "conversations?limit=1", None),
    "get_conversation": ("GET", "conversations/{conversation}", None),
    "update_conversation": ("PATCH", "conversations/{conversation}", {"title": "new"}),
    "delete_conversation": ("DELETE", "conversations/{conversation}", None),
    "list_conversation_messages, filtered": (
        "GET",
        "conversations/{conversation}/messages?role=user&limit=1",
        None,
    ),
    "list_conversation_messages": ("GET", "conversations/{conversation}/messages?limit=1", None),
    "create_conversation_message": ("POST", "conversations/{conversation}/messages", {"content": "x"}),
    "get_transcript": ("GET", "conversations/{conversation}/transcript", None),
    "get_transcript, a window": (
        "GET",
        "conversations/{conversation}/transcript?last=2&pin=system&after={message}&format=anthropic",
        None,
    ),
    "store_transcript": ("POST", "conversations/{conversation}/transcript", TRANSCRIPT),
    "store_transcript, reconcile": (
        "POST",
        "conversations/{conversation}/transcript?format=ui&mode=reconcile",
        {"messages": []},
    ),
    "create_memory": ("POST", "memories", {"user_id": "u", "memory": "new"}),
    "list_memories": ("GET", "memories?user_id=u&limit=1", None),
    "list_memories, next page": ("GET", "memories?limit=1", None),
    "get_memory": ("GET", "memories/{memory}", None),
    "update_memory": ("PATCH", "memories/{memory}", {"memory": "new"}),
    "replace_memory": ("POST", "memories/{memory}/replace", {"memory": "new"}),
    "delete_memory": ("DELETE", "memories/{memory}", None),
    "list_memory_history": ("GET", "memories/{memory}/history", None),
    "search_memories": ("POST", "memories/search", {"query": "cat", "user_id": "u"}),
    "search_memories, last_n": (
        "POST",
        "memories/search",
        {"query": "", "user_id": "u", "retrieval_method": "last_n"},
    ),
    "create_memories_from_messages": (
        "POST",
        "memories/from_messages",
        {"user_id": "u", "messages": [{"role": "user", "content": "I live in Rome."}]},
    ),
    "list_memory_chunks": ("GET", "memories/chunks?user_id=u", None),
    "get_memory_profile": ("GET", "memories/profile?user_id=u", None),
    "list_changes": ("GET", "changes?limit=1", None),
    "stream_changes": ("GET", "changes/stream", None),
    "fork_conversation": ("POST", "conversations/{conversation}/fork", {"title": "x"}),
    "give_feedback": ("POST", "messages/{message}/feedback", {"value": True}),
    "give_feedback, again": ("POST", "messages/{message}/feedback", {"value": True, "user_id": "ada"}),
    "list_message_feedback": ("GET", "messages/{message}/feedback?limit=1", None),
    "list_feedback": ("GET", "feedback?limit=1", None),
    "list_feedback, filtered": ("GET", "feedback?name=rating&above=0", None),
    "get_feedback": ("GET", "feedback/{feedback}", None),
    "delete_feedback": ("DELETE", "feedback/{feedback}", None),
    "create_workspace": ("POST", "workspaces", {"name": "x"}),
    "list_workspaces": ("GET", "workspaces", None),
    "get_workspace": ("GET", "workspaces/{workspace}", None),
    "update_workspace": ("PATCH", "workspaces/{workspace}", {"name": "new"}),
    "delete_workspace": ("DELETE", "workspaces/{workspace}?force=true", None),
    "create_api_key": ("POST", "api-keys", {"label": "x"}),
    "list_api_keys": ("GET", "api-keys", None),
    "get_api_key": ("GET", "api-keys/{key}", None),
    "update_api_key": ("PUT", "api-keys/{key}", {"label": "new"}),
    "delete_api_key": ("DELETE", "api-keys/{key}", None),
    "create_webhook": ("POST", "webhooks", {"url": "https://127.0.0.1/hook"}),
    "list_webhooks": ("GET", "webhooks", None),
    "get_webhook": ("GET", "webhooks/{webhook}", None),
    "update_webhook": ("PATCH", "webhooks/{webhook}", {"paused": True}),
    "delete_webhook": ("DELETE", "webhooks/{webhook}", None),
    "rotate_webhook_secret": ("POST", "webhooks/{webhook}/secret", None),
    "ping_webhook": ("POST", "webhooks/{webhook}/ping", None),
    "replay_webhook": ("POST", "webhooks/{webhook}/replay", {"after": "{position}"}),
    "list_webhook_deliveries": ("GET", "webhooks/{webhook}/deliveries", None),
    "get_stored_object": ("GET", "objects/x", None),
    "get_session": ("GET", "auth/session", None),
}


@pytest.fixture
def count(api: ApiClient, acme: Tenant):
    """How many statements a call takes, once the key's use is noted and the conversation is known."""
    api.post(f"/api/v1/conversations/{acme.conversation.pk}/messages", {"content": "first"})

    webhook, _ = create_webhook(workspace_id=acme.workspace.pk, url="https://127.0.0.1/hook")

    for text in ("Has a cat", "Has two cats"):
        memory, _ = add_memory(workspace_id=acme.workspace.pk, user_id="u", memory=text)
    given = {"workspace_id": acme.workspace.pk, "message_id": acme.reply.pk, "user_id": "ada"}
    feedback, _ = give_feedback(**given, value=False)

    def run(method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> int:
        ids = {
            "conversation": acme.conversation.pk,
            "message": acme.reply.pk,
            "workspace": acme.workspace.pk,
            "key": acme.api_key.pk,
            "webhook": webhook.pk,
            "memory": memory.pk,
            "feedback": feedback.pk,
        }
        given = {"{conversation}": acme.conversation.pk, "{position}": str(webhook.position)}
        text = json.dumps(body) if body else None
        for name, value in given.items():
            text = text and text.replace(name, value)
        with CaptureQueriesContext(connection) as context:
            response = api.call(method, f"/api/v1/{path.format(**ids)}", text, **(headers or {}))
        assert response.status_code < 300 or response.status_code == 404
        return len(statements(context))

    return run


@pytest.mark.parametrize("name", CALLS)
def test_an_operation_takes_as_many_statements_as_recorded(count, name):
    hold_statements(BASELINE, name, count(*CALLS[name]))


def test_every_operation_is_recorded_and_nothing_else():
    assert {name.split(",")[0] for name in CALLS} == operations(MIELTO)
    assert set(json.loads(BASELINE.read_text())) == set(CALLS)


@pytest.mark.wire(
    "mielto", "create_message", "two statements on PostgreSQL, four on SQLite, for one message or a hundred"
)
def test_a_create_takes_as_many_statements_whatever_the_batch(count):
    assert count(*CALLS["create_message"]) == (2 if connection.vendor == "postgresql" else 4)
    assert count(*CALLS["create_message, batch of 100"]) == count(*CALLS["create_message"])


@pytest.mark.wire("mielto", "list_messages", "at most three statements, whatever the page")
@pytest.mark.parametrize("query", ["", "order_by=role", "order_direction=asc", "role=user", "search=a"])
def test_a_list_takes_three_statements_whatever_the_page(count, query):
    count("POST", "messages", {"conversation_id": "{conversation}", "content": BATCH})
    for paging in ("limit=1", "limit=50", "limit=1000", "limit=10&skip=20", "skip=5000"):
        assert count("GET", f"messages?{query}&{paging}") <= 3
        assert count("GET", f"conversations/{{conversation}}/messages?{query}&{paging}") <= 3


def test_a_page_by_cursor_takes_three_statements_either_way(count, api: ApiClient):
    for _ in range(3):
        api.post("/api/v1/conversations", {"title": "x"})
    first = api.get("/api/v1/conversations?limit=1").json()
    second = api.get(f"/api/v1/conversations?limit=1&cursor={first['next_cursor']}").json()
    assert count("GET", f"conversations?limit=1&cursor={second['next_cursor']}") <= 3
    assert count("GET", f"conversations?limit=1&cursor={second['prev_cursor']}") <= 4


def test_noting_the_use_of_a_key_takes_one_more(count, acme: Tenant):
    noted = count("GET", "messages")
    type(acme.api_key).objects.filter(pk=acme.api_key.pk).update(last_used_at=None)
    assert count("GET", "messages") == noted + 1


def test_a_refused_request_takes_no_more_than_authentication(count, api: ApiClient):
    for method, path, body in (("POST", "messages", "{"), ("GET", "messages?limit=0", None)):
        with CaptureQueriesContext(connection) as context:
            assert api.call(method, f"/api/v1/{path}", body).status_code == 422
        assert len(statements(context)) == 1
