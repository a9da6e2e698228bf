"""A message that is corrected or redacted reads the same through both wires, whichever wire wrote it."""

from collections.abc import Callable
from typing import Any

import pytest

from messaging.models import Part, Run, StoredObject
from messaging.services import redact_conversation, redact_messages
from tests.cast import Tenant
from tests.client import ApiClient
from tests.threads.test_objects import PNG, _clean, files  # noqa: F401

pytestmark = pytest.mark.django_db

SECRET = "the secret of Ada"
LARGE = SECRET + "x" * 40_000
IMAGE = {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{PNG}"}
ITEMS = [{"type": "input_text", "text": SECRET}, IMAGE]
CALL = {"type": "tool-call", "tool_name": "look_up", "tool_call_id": "c", "args": {"q": SECRET}}
RESULT = {"type": "tool-result", "tool_name": "look_up", "tool_call_id": "c", "output": LARGE}
TEXTS = [
    {"type": "text", "text": "one"},
    {"type": "reasoning", "text": "why"},
    {"type": "text", "text": "two"},
]
ERROR = {"type": "tool-error", "tool_name": "look_up", "tool_call_id": "c", "error_text": "no"}


def by_mielto(api: ApiClient, message: dict[str, Any], content: str) -> None:
    assert api.put(f"/api/v1/messages/{message['id']}", {"content": content}).status_code == 200


def by_threads(api: ApiClient, message: dict[str, Any], content: str) -> None:
    path = f"/v1/threads/{message['thread_id']}/messages/{message['id']}"
    assert api.patch(path, {"content": content}).status_code == 200


def in_thread(api: ApiClient, message: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/threads/{message['thread_id']}/messages/{message['id']}?include_parts=true"
    body: dict[str, Any] = api.get(path).json()
    return body


def in_mielto(api: ApiClient, message: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = api.get(f"/api/v1/messages/{message['id']}").json()
    return body


@pytest.fixture(params=[by_mielto, by_threads])
def correct(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Gives a message a new text, through either wire."""
    update: Callable[..., None] = request.param
    return update


@pytest.fixture
def settled(api: ApiClient, run: str) -> Callable[[], None]:
    """Ends the run, which frees the thread."""
    return lambda: api.patch(run, {"status": "completed"}) and None


def said(parts: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    return [
        (p["type"], p.get("text") or p.get("output") or p.get("args") or p.get("error_text")) for p in parts
    ]


def test_text_in_place_of_items(api: ApiClient, say, correct, django_capture_on_commit_callbacks):
    message = say(ITEMS)
    assert len(files()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        correct(api, message, "new")
    assert (in_thread(api, message)["content"], said(in_thread(api, message)["parts"])) == (
        "new",
        [("text", "new")],
    )
    assert (in_mielto(api, message)["content"], in_mielto(api, message)["attachments"]) == ("new", None)
    assert (StoredObject.objects.count(), files()) == (0, set())


@pytest.mark.parametrize(
    ("role", "parts", "after"),
    [
        ("assistant", TEXTS, [("text", "new"), ("reasoning", "why")]),
        ("tool", [RESULT], [("tool-result", "new")]),
        ("tool", [ERROR], [("tool-error", "new")]),
        ("assistant", [CALL], [("tool-call", {"q": SECRET}), ("text", "new")]),
    ],
)
def test_the_parts_of_a_run_follow(api: ApiClient, act, settled, correct, role, parts, after):
    message = act(role=role, parts=parts)
    settled()
    correct(api, message, "new")
    assert said(in_thread(api, message)["parts"]) == after
    assert in_thread(api, message)["content"] == in_mielto(api, message)["content"] == "new"
    assert StoredObject.objects.count() == 0


def test_a_redacted_message_of_a_run(
    api: ApiClient, act, settled, acme: Tenant, django_capture_on_commit_callbacks
):
    call = act(parts=[{"type": "text", "text": SECRET}, CALL, {"type": "reasoning", "text": SECRET}])
    result = act(role="tool", parts=[RESULT])
    settled()
    assert len(files()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        redact_messages(workspace_id=acme.workspace.pk, message_ids=[call["id"], result["id"]])
    assert (Part.objects.count(), StoredObject.objects.count(), files()) == (0, 0, set())
    assert said(in_thread(api, call)["parts"]) == [("text", "[redacted]"), ("tool-call", None)]
    for message in (call, result):
        assert SECRET not in str(in_thread(api, message)) + str(in_mielto(api, message))
        assert in_thread(api, message)["run_id"] == message["run_id"]
    assert Run.objects.get().status == "completed"


def test_the_answers_of_threads_follow(api: ApiClient, thread: str, acme: Tenant):
    path, body = f"/v1/threads/{thread}/messages?include_parts=true", {"role": "user", "content": ITEMS}
    first = api.post(path, body, idempotency_key="k").json()
    assert SECRET in str(first)
    redact_conversation(workspace_id=acme.workspace.pk, conversation_id=thread)
    again = api.post(path, body, idempotency_key="k")
    assert again["Idempotent-Replayed"] == "true"
    assert (again.json()["id"], again.json()["content"]) == (first["id"], "[redacted]")
    assert said(again.json()["parts"]) == [("text", "[redacted]")]
    assert PNG not in again.content.decode()
    assert in_thread(api, first)["parts"] == again.json()["parts"]


def test_the_clients_own_retry_is_answered_by_the_mark(api: ApiClient, thread: str, acme: Tenant):
    path, body = f"/v1/threads/{thread}/messages", {"role": "user", "content": SECRET, "id": "mine"}
    first = api.post(path, body).json()
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[first["id"]])
    again = api.post(path, body).json()
    assert (again["id"], again["content"]) == (first["id"], "[redacted]")
