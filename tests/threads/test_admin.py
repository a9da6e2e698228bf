"""Runs, parts and stored objects in the admin, and in the transcript."""

import base64
import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.storage import storages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import Membership, Part, Run, StoredObject
from tests.cast import Tenant
from tests.client import ApiClient, statements
from tests.messaging.transcripts import articles

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40_000)
KINDS: dict[str, Any] = {"run": Run, "part": Part, "storedobject": StoredObject}
CALL = {"type": "tool-call", "tool_name": "look", "tool_call_id": "c", "args": {"title": "Emma"}}


@pytest.fixture
def page(admin_client: Client, thread: str) -> Any:
    """Reads the transcript of the thread."""
    return lambda: admin_client.get(f"/admin/parley/conversation/{thread}/transcript/").content.decode()


def stored(act: Any, output: Any) -> StoredObject:
    """An object that a tool's output was kept as."""
    act(parts=[{"type": "tool-result", "tool_name": "f", "tool_call_id": "c", "output": output}])
    return StoredObject.objects.get()


def image(say: Any, mime_type: str = "image/png", content: bytes = PNG) -> StoredObject:
    """An object that an image of a user was kept as."""
    url = f"data:{mime_type};base64,{base64.b64encode(content).decode()}"
    say([{"type": "input_image", "detail": "auto", "image_url": url}])
    return StoredObject.objects.get()


def content_of(client: Client, found: StoredObject) -> Any:
    return client.get(f"/admin/parley/storedobject/{found.pk}/content/")


def test_a_run_is_bounded_and_described(page: Any, api: ApiClient, act: Any, run: str, say: Any):
    act(content="Working on it.")
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    api.patch(run, {"status": "completed", "usage": usage})
    say("Thank you!")
    text = page()
    begins, ends = text.index("Run begins"), text.index("Run ends")
    assert begins < text.index("Working on it.", begins) < ends < text.index("Thank you!", begins)
    for said in (
        "support",
        "completed",
        "1 + 2 = 3 tokens",
        f"/admin/parley/run/{run.split('/')[-1]}/change/",
    ):
        assert said in text[begins:ends]


def test_a_locked_conversation_says_who_holds_it(page: Any, run: str):
    text = page()
    assert "<strong>Locked:</strong> agent <bdi>support</bdi>" in text
    assert run.split("/")[-1] in text


def test_every_kind_of_part_is_shown(page: Any, act: Any):
    call = act(
        parts=[
            {"type": "reasoning", "text": "I should look."},
            CALL,
            {"type": "data", "data": {"answer": 42}, "data_type": "labels"},
            {"type": "file", "url": "https://example.com/a.png", "mime_type": "image/png"},
            {"type": "text", "text": "Found it."},
        ]
    )
    act("tool", parts=[{"type": "tool-error", "tool_name": "look", "tool_call_id": "c", "error_text": "No!"}])
    [shown] = articles(page()).values()
    assert call["id"] in shown
    for text in (
        "Reasoning",
        "I should look.",
        "&quot;Emma&quot;",
        "&quot;answer&quot;: 42",
        "Found it.",
        "No!",
    ):
        assert text in shown
    assert '<details class="parley-tool parley-failed">' in shown


def test_a_search_opens_the_parts_that_hold_what_it_found(admin_client: Client, act: Any, thread: str):
    texts = [{"type": "reasoning", "text": "a heron?"}, {"type": "text", "text": "a heron"}]
    act(parts=[*texts, {"type": "data", "data_type": "note", "data": {"bird": "stork"}}, CALL])
    path = f"/admin/parley/conversation/{thread}/transcript/"
    page = admin_client.get(path, {"q": "heron"}).content.decode()
    assert '<details class="parley-reasoning" open>' in page
    assert page.count(" open>") == 1


def test_parts_that_tell_of_errors_are_marked_and_found(admin_client: Client, act: Any):
    error = {"type": "tool-error", "tool_name": "look", "tool_call_id": "c", "error_text": "gone"}
    result = {"type": "tool-result", "tool_name": "look", "tool_call_id": "c", "output": 1}
    act("tool", parts=[error, result | {"is_error": True}, result])
    listed = admin_client.get("/admin/parley/part/").content.decode()
    assert listed.count('<td class="field-error">error</td>') == 2
    assert "icon-no" not in listed
    found = admin_client.get("/admin/parley/part/?failed=yes").context["cl"].result_list
    assert {part.position for part in found} == {0, 1}
    page = admin_client.get(f"/admin/parley/part/{found[0].pk}/change/").content.decode()
    assert '<div class="readonly">error</div>' in page


def test_what_is_kept_as_a_file_shows_how_it_begins_and_where_it_is(page: Any, act: Any):
    found = stored(act, "ß" * 40_000)
    text = page()
    assert f"/admin/parley/storedobject/{found.pk}/content/" in text
    assert "ß" * 256 in text
    assert found.path not in text


def test_an_image_that_is_kept_as_a_file_is_shown(page: Any, say: Any):
    found = image(say)
    assert f'<img src="/admin/parley/storedobject/{found.pk}/content/"' in page()


def test_a_made_up_address_is_not_taken_for_one_of_ours(page: Any, api: ApiClient, thread: str):
    attachments = [{"url": "/admin/parley/storedobject/x/content/", "mime_type": "image/png"}]
    body = {"content": {"content": "", "attachments": attachments}, "conversation_id": thread}
    api.post("/api/v1/messages", body)
    assert "<img" not in page()


def test_statements_do_not_grow_with_runs_and_parts(admin_client: Client, api: ApiClient, thread: str):
    def taken(runs: int) -> int:
        for _ in range(runs):
            opened = api.post(f"/v1/threads/{thread}/runs", {"agent_id": "a"}).json()["run_id"]
            path = f"/v1/threads/{thread}/runs/{opened}"
            api.post(
                f"{path}/messages", {"role": "assistant", "parts": [CALL, {"type": "text", "text": "x"}]}
            )
            api.patch(path, {"status": "completed"})
        with CaptureQueriesContext(connection) as context:
            admin_client.get(f"/admin/parley/conversation/{thread}/transcript/")
        return len(statements(context))

    assert taken(1) == taken(8) <= 13


def test_a_raster_is_served_as_what_it_is(admin_client: Client, say: Any):
    response = content_of(admin_client, image(say))
    assert (response["Content-Type"], b"".join(response.streaming_content)) == ("image/png", PNG)
    assert response["Content-Disposition"].startswith("inline")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("mime_type", "content"),
    [("image/svg+xml", b"<svg/>" * 8_000), ("image/png", b"<script>" * 8_000), ("image/jpeg", PNG)],
)
def test_anything_else_is_a_download(admin_client: Client, say: Any, mime_type: str, content: bytes):
    response = content_of(admin_client, image(say, mime_type, content))
    assert b"".join(response.streaming_content) == content
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]


def test_json_is_downloaded_under_its_suffix(admin_client: Client, act: Any):
    output = {"rows": ["x" * 40_000]}
    response = content_of(admin_client, stored(act, output))
    assert json.loads(b"".join(response.streaming_content)) == output
    assert '.json"' in response["Content-Disposition"]


def test_a_file_that_is_gone_is_not_found(admin_client: Client, act: Any):
    found = stored(act, "x" * 40_000)
    storages["default"].delete(found.path)
    assert content_of(admin_client, found).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_lists_and_pages_open_and_change_nothing(admin_client: Client, act: Any, say: Any, kind: str):
    act(parts=[CALL])
    found = stored(act, "x" * 40_000)
    row = KINDS[kind].objects.first()
    listed = admin_client.get(f"/admin/parley/{kind}/?q={row.pk}").content.decode()
    shown = admin_client.get(f"/admin/parley/{kind}/{row.pk}/change/").content.decode()
    assert row.pk in listed
    assert row.pk in shown
    assert found.path not in listed + shown
    assert 'name="_save"' not in shown
    assert admin_client.get(f"/admin/parley/{kind}/add/").status_code == 403
    assert admin_client.post(f"/admin/parley/{kind}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_takes_the_same_statements_for_two_rows_and_for_twenty(
    admin_client: Client, act: Any, run: str, kind: str
):
    def taken() -> int:
        with CaptureQueriesContext(connection) as context:
            admin_client.get(f"/admin/parley/{kind}/")
        return len(statements(context))

    stored(act, "x" * 40_000)
    few = taken()
    for _ in range(10):
        act(parts=[CALL, {"type": "data", "data": "x" * 40_000}])
    assert taken() == few


@pytest.mark.parametrize("kind", KINDS)
def test_members_see_what_is_in_their_workspaces(client: Client, globex: Tenant, act: Any, kind: str):
    found = stored(act, "x" * 40_000)
    row = KINDS[kind].objects.first()
    user = get_user_model().objects.create_superuser("member", email="m@example.com", password="secret")
    user.is_superuser = False
    user.save()
    user.user_permissions.set(Permission.objects.exclude(codename="access_all_workspaces"))
    Membership.objects.create(user=user, workspace=globex.workspace)
    client.force_login(user)
    assert row.pk not in client.get(f"/admin/parley/{kind}/").content.decode()
    assert client.get(f"/admin/parley/{kind}/{row.pk}/change/").status_code == 302
    assert content_of(client, found).status_code == 302
