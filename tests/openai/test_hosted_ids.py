"""Ids that OpenAI gave to threads and conversations name here what was imported with them."""

import json

import pytest

from messaging.models import Conversation
from tests.cast import Tenant
from tests.client import ApiClient
from tests.transfer import imported

from .test_conversations import error

HOSTED = "thread_abc123"
RECORD = {"id": HOSTED, "messages": [{"role": "user", "content": "Where is order 1042?"}]}


@pytest.fixture
def thread(acme: Tenant) -> Conversation:
    """A thread that was imported as the README says."""
    imported(acme, json.dumps(RECORD).encode())
    return Conversation.objects.get(workspace=acme.workspace, meta_data__id=HOSTED)


@pytest.mark.wire("openai", "get_an_assistants_thread", "by the id that the vendor gave it, too")
def test_a_thread_that_was_imported(api: ApiClient, thread: Conversation):
    shown = api.get(f"/openai/v1/threads/{HOSTED}").json()
    assert shown == api.get(f"/openai/v1/threads/{thread.pk}").json()
    made = api.post(f"/openai/v1/threads/{HOSTED}/messages", {"role": "user", "content": "Thanks"}).json()
    assert made["thread_id"] == thread.pk
    listed = api.get(f"/openai/v1/threads/{HOSTED}/messages?order=asc").json()["data"]
    assert [each["content"][0]["text"]["value"] for each in listed] == ["Where is order 1042?", "Thanks"]
    run = api.post(f"/openai/v1/threads/{HOSTED}/runs", {"assistant_id": "helper"}).json()
    assert api.post(f"/openai/v1/threads/{HOSTED}/runs/{run['id']}/cancel").status_code == 200
    assert api.delete(f"/openai/v1/threads/{HOSTED}").json()["deleted"] is True
    assert error(api.get(f"/openai/v1/threads/{HOSTED}"))[0] == 404


@pytest.mark.wire("openai", "retrieve_a_conversation", "by the id that the vendor gave it, too")
def test_an_external_id_wins(api: ApiClient, acme: Tenant, thread: Conversation):
    assert api.get(f"/openai/v1/conversations/{HOSTED}").json()["id"] == thread.pk
    own = api.put(f"/api/v1/conversations?external_id={HOSTED}", {}).json()
    assert api.get(f"/openai/v1/conversations/{HOSTED}").json()["id"] == own["id"]


def test_another_workspace_has_its_own(stranger: ApiClient, thread: Conversation):
    assert error(stranger.get(f"/openai/v1/threads/{HOSTED}"))[0] == 404


def test_a_retry_by_either_id_is_told_apart(api: ApiClient, thread: Conversation):
    body = {"role": "user", "content": "Thanks"}
    path = f"/openai/v1/threads/{HOSTED}/messages"
    first, again = (api.post(path, body, idempotency_key="k") for _ in range(2))
    assert first.json() == again.json()
    assert Conversation.objects.get(pk=thread.pk).message_count == 2


@pytest.mark.parametrize("path", ["thread_none", "1", "thread_"])
def test_an_id_that_nothing_came_with(api: ApiClient, thread: Conversation, path: str):
    assert error(api.get(f"/openai/v1/threads/{path}"))[0] == 404
