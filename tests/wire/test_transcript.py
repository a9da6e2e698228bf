"""Our answers to one long talk, byte for byte: on every database, and in a host that is all against us."""

import json
import re
from pathlib import Path

import pytest

from tests.cast import Tenant
from tests.client import ApiClient
from tests.golden import hold

pytestmark = pytest.mark.django_db

HEADERS = (
    "Content-Type",
    "Allow",
    "WWW-Authenticate",
    "Location",
    "Idempotent-Replayed",
    "Vary",
    "Retry-After",
)
# What differs from one run to the next, and a name for it.
CHANGING = (
    (r"\b(wsp|key|conv|msg)_[0-9a-z]{26}", r"\1_ID"),
    (r"parley_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}", "SECRET"),
    (r"parley_[0-9A-Za-z]{8}", "PUBLIC"),
    (r'("checksum":")[0-9a-f]{64}', r"\1CHECKSUM"),
    (r'(_cursor":")[^"]+', r"\1CURSOR"),
    (r"cursor=[\w:.-]+", "cursor=CURSOR"),
    (r"20(?:2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z", "NOW"),
)


class Talk:
    """Asks, and notes question and answer."""

    def __init__(self, api: ApiClient) -> None:
        self.api = api
        self.notes: list[str] = []

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> bytes:
        response = self.api.call(method, f"/api/v1{path}", body, **headers)
        head = [f"{name}: {response[name]}" for name in HEADERS if name in response and name != "Vary"]
        asked = f"{method} {path[:120]}" + (f" {json.dumps(body)[:300]}" if body is not None else "")
        lines = [f"> {asked}", f"< {response.status_code}", *head, response.content.decode(), ""]
        self.notes.append("\n".join(lines))
        return bytes(response.content)

    def text(self) -> str:
        text = "\n".join(self.notes)
        for pattern, name in CHANGING:
            text = re.sub(pattern, name, text)
        return text


def test_transcript(api: ApiClient, acme: Tenant, globex: Tenant):
    talk = Talk(api)
    ask = talk.ask
    whole = {
        "role": "assistant",
        "sender_id": "grün",
        "content": "Grüße 😀\n\"'\\ \u2028 <b>",
        "message_type": "text",
        "created_at": "2024-05-04T09:00:00.120+02:00",
        "tool_calls": [{"id": "call_1"}],
        "tags": ["a", "u"],
        "attachments": [],
        "parent_message_id": "msg_0",
        "meta_data": {"whole": 12345678901234567890123},
    }
    ask("POST", "/messages", {"conversation_id": acme.conversation.pk, "content": [whole, {"content": ""}]})
    ask("POST", "/messages", {"conversation_id": acme.conversation.pk, "content": whole})
    [row] = json.loads(ask("POST", "/messages", {"content": {"content": "hi"}}, x_user_id="jos\u00e9"))
    ask("POST", "/messages", {"content": {"content": "once"}}, Idempotency_Key="k")
    ask("POST", "/messages", {"content": {"content": "once"}}, Idempotency_Key="k")
    ask("POST", "/messages", {"content": {"content": "twice"}}, Idempotency_Key="k")
    page = json.loads(ask("GET", "/messages?limit=2&order_by=created_at"))
    ask("GET", f"/messages?limit=2&cursor={page['next_cursor']}")
    ask("GET", "/messages?role=assistant&tags=a,b&search=GRÜSSE&created_after=2024-05-04")
    ask("GET", "/messages?limit=0&skip=x&order_direction=up")
    ask("GET", "/messages?order_by=secret")
    ask("GET", "/messages?cursor=bent")
    ask("GET", f"/messages/{row['id']}")
    ask(
        "PATCH", f"/messages/{row['id']}", {"tags": ["x"], "meta_data": {}, "sent_at": "0001-01-01T00:00:00Z"}
    )
    ask("PUT", f"/messages/{row['id']}", {"tags": None, "content": None, "sent_at": "9999-12-31T23:59:59Z"})
    ask("GET", f"/messages/{globex.question.pk}")
    ask("DELETE", f"/messages/{row['id']}")
    ask("DELETE", f"/messages/{row['id']}")
    conversation = json.loads(
        ask("POST", "/conversations", {"title": "T", "settings": {"context_window": 3000}, "status": "ended"})
    )
    path = f"/conversations/{conversation['id']}"
    ask("POST", f"{path}/messages", {"content": "hello"})
    ask("GET", f"{path}/messages?order_direction=asc")
    ask("PATCH", path, {"status": "active", "is_public": True, "collections": ["c"]})
    ask("GET", "/conversations?limit=1&page=2&sort_by=created_at&sort_order=asc")
    ask("GET", f"/conversations/{globex.conversation.pk}/messages")
    ask("DELETE", path)
    workspace = json.loads(ask("POST", "/workspaces", {"name": "Süd"}))
    ask("GET", "/workspaces")
    ask("GET", f"/workspaces/{acme.workspace.pk}")
    ask("DELETE", f"/workspaces/{acme.workspace.pk}")
    ask("GET", "/messages", X_Workspace_Id=workspace["id"])
    ask("GET", "/messages", X_Workspace_Id=globex.workspace.pk)
    key = json.loads(ask("POST", "/api-keys", {"label": "k", "expires_at": "2999-01-01T00:00:00Z"}))
    ask("PUT", f"/api-keys/{key['id']}", {"status": "inactive"})
    ask("GET", f"/api-keys/{key['id']}")
    ask("GET", "/auth/session")
    for body in ("{", "", "[]", '"\\u0000"', "1e400", '{"content": {"content": "\\ud800"}}'):
        ask("POST", "/messages", body)
    ask("POST", "/messages", "content=hi", content_type="application/x-www-form-urlencoded")
    ask("POST", "/messages", {"content": "hi"})
    ask("OPTIONS", "/messages")
    ask("POST", "/auth/session", {})
    ask("GET", "/nothing/here")
    for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic YTpi"}):
        talk.api = ApiClient(None, **header)
        ask("GET", "/messages")
    hold(Path(__file__).with_name("transcript.txt"), talk.text())
