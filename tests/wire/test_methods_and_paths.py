"""What holds for every path: methods, slashes, HEAD, and JSON for what is not there."""

import re

import pytest

from messaging.api.dialect import MIELTO
from tests.cast import Tenant
from tests.client import ApiClient
from tests.wires import documented

PATHS = {
    "messages": "GET, POST, HEAD",
    "messages/x": "GET, PUT, PATCH, DELETE, HEAD",
    "conversations": "GET, POST, PUT, HEAD",
    "conversations/x": "GET, PUT, PATCH, DELETE, HEAD",
    "conversations/x/messages": "GET, POST, HEAD",
    "conversations/x/fork": "POST",
    "conversations/x/transcript": "GET, POST, HEAD",
    "messages/x/feedback": "GET, POST, HEAD",
    "feedback": "GET, HEAD",
    "feedback/x": "GET, DELETE, HEAD",
    "memories": "GET, POST, HEAD",
    "memories/x": "GET, PUT, PATCH, DELETE, HEAD",
    "memories/x/history": "GET, HEAD",
    "memories/x/replace": "POST",
    "memories/chunks": "GET, HEAD",
    "memories/from_messages": "POST",
    "memories/profile": "GET, HEAD",
    "memories/search": "POST",
    "objects/x": "GET, HEAD",
    "changes": "GET, HEAD",
    "changes/stream": "GET, HEAD",
    "workspaces": "GET, POST, HEAD",
    "workspaces/x": "GET, PUT, PATCH, DELETE, HEAD",
    "api-keys": "GET, POST, HEAD",
    "api-keys/x": "GET, PUT, DELETE, HEAD",
    "webhooks": "GET, POST, HEAD",
    "webhooks/x": "GET, PUT, PATCH, DELETE, HEAD",
    "webhooks/x/secret": "POST",
    "webhooks/x/ping": "POST",
    "webhooks/x/replay": "POST",
    "webhooks/x/deliveries": "GET, HEAD",
    "auth/session": "GET, HEAD",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


@pytest.mark.wire("mielto", "list_messages", "405 with Allow for a method that a path does not know")
@pytest.mark.parametrize(("path", "allowed"), PATHS.items())
def test_an_unknown_method_is_405(api: ApiClient, path, allowed):
    for method in METHODS:
        if method not in allowed:
            response = api.call(method, f"/api/v1/{path}")
            body = b"" if method == "HEAD" else b'{"detail":"Method Not Allowed"}'
            assert (response.status_code, response.content) == (405, body)
            assert set(response["Allow"].split(", ")) == set(allowed.split(", "))


@pytest.mark.parametrize("path", ["messages", "messages/{message}", "conversations", "auth/session"])
def test_head_is_get_without_the_body(api: ApiClient, acme: Tenant, path):
    url = f"/api/v1/{path.format(message=acme.reply.pk)}"
    head = api.send("HEAD", url)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Type"] == "application/json"
    assert api.send("HEAD", "/api/v1/messages/unknown").status_code == 404


@pytest.mark.wire("mielto", "list_messages", "both spellings of a slash are answered directly")
@pytest.mark.parametrize("path", PATHS)
def test_a_slash_at_the_end_makes_no_difference(api: ApiClient, acme: Tenant, path):
    filled = path.replace("messages/x", f"messages/{acme.reply.pk}").replace(
        "conversations/x", f"conversations/{acme.conversation.pk}"
    )
    api.get("/api/v1/auth/session")  # from then on lists of keys say when this one was used
    assert answered(api, f"/api/v1/{filled}/") == answered(api, f"/api/v1/{filled}")


def answered(api: ApiClient, path: str) -> tuple[int, bytes]:
    """Status and body, without the position of changes, which moves with whatever runs on the server."""
    response = api.get(path)
    content = response.content_read if response.streaming else response.content
    return response.status_code, re.sub(rb"chg_\w+", b"", content)


@pytest.mark.wire("mielto", "create_message", "a slash at the end is no redirect for a POST")
def test_a_post_with_a_slash_is_answered_directly(api: ApiClient):
    assert api.post("/api/v1/messages/", {"content": {"content": "hi"}}).status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nothing",
        "nothing/",
        "messages/a/b",
        "messages//",
        "Messages",
        "conversations/x/messages/y",
        "%00",
        "é",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_what_is_not_there_is_404_in_json(api: ApiClient, path, method):
    response = api.call(method, f"/api/v1/{path}")
    assert (response.status_code, response.content) == (404, b'{"detail":"Not Found"}')
    assert response["Content-Type"] == "application/json"


def test_an_id_may_hold_what_a_url_can_carry(api: ApiClient):
    for message_id in ("a%2Fb", "a%20b", "%E2%82%AC", "%FF", "a.b", "a;b", "%25"):
        assert api.get(f"/api/v1/messages/{message_id}").status_code == 404


@pytest.mark.wire("mielto", "list_messages", "answers are JSON on one line in UTF-8, whatever Accept says")
@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/xml", "nonsense"])
def test_answers_are_json_on_one_line(api: ApiClient, accept):
    api.post("/api/v1/messages", {"content": {"content": "naïve\n👍"}})
    response = api.get("/api/v1/messages", accept=accept)
    assert response["Content-Type"] == "application/json"
    assert "naïve\\n👍".encode() in response.content
    assert b"\n" not in response.content


def test_every_path_is_listed_here():
    assert len({operation.path for operation in documented(MIELTO)}) == len(PATHS)
