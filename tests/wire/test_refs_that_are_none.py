"""What only looks like a ref to a stored object is data of its author, on every wire and in the admin."""

from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.services import MessageDraft, Writer, append_messages
from messaging.transcript import Format
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

ITEMS: list[dict[str, Any]] = [
    {"type": "tool-call", "tool_name": "look_up", "tool_call_id": "call_1"},
    {"type": "tool-result", "tool_name": "look_up", "tool_call_id": "call_1"},
    {"type": "data"},
    {"type": "file"},
    {"type": "image_generation_call"},
    {"type": "input_image"},
    {"type": "input_file", "file_id": "file_1"},
    {"type": "function_call", "name": "look_up", "call_id": "call_1"},
    {"type": "function_call_output", "call_id": "call_1"},
]
NAMES = ["args", "output", "data", "payload", "result", "image_url", "file_data", "url", "arguments"]
REFS: dict[str, Any] = {
    "a number": 5,
    "a text": "obj_1",
    "a list": [],
    "empty": {},
    "without a size": {"object_id": "obj_1"},
    "without an id": {"size_bytes": 1},
    "of another type": {"object_id": 7, "size_bytes": 1},
    "odd": {"object_id": "obj_1", "size_bytes": "x", "mime_type": 3, "preview_text": {}, "truncated": 1},
    "of nothing": {"object_id": "obj_1", "size_bytes": 1},
}


@pytest.fixture(params=REFS.values(), ids=list(REFS))
def conversation_id(request: pytest.FixtureRequest, acme: Tenant) -> str:
    """A conversation with every kind of item that has such a ref in every field."""
    items = [item | {f"{name}_ref": request.param} for item, name in product(ITEMS, NAMES)]
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=[MessageDraft(role="assistant", structured_content=[item]) for item in items],
        writer=Writer(),
    )
    return str(acme.conversation.pk)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/messages?conversation_id={}&limit=100",
        "/v1/threads/{}/messages?include_parts=true&limit=100",
        "/openai/v1/conversations/{}/items?limit=100",
        "/openai/v1/threads/{}/messages?limit=100",
        *(f"/api/v1/conversations/{{}}/transcript?format={name}" for name in Format.known),
    ],
)
def test_a_wire_shows_the_message(api: ApiClient, conversation_id: str, path: str):
    assert api.send("GET", path.format(conversation_id)).status_code == 200


def test_a_transcript_shows_it(admin_client: Client, conversation_id: str):
    page = reverse("admin:parley_conversation_transcript", args=[conversation_id])
    assert admin_client.get(page).status_code == 200
