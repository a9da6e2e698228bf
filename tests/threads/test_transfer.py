"""Threads as files: runs, parts and stored objects leave with an export and come back with an import."""

import base64
import json
import os
from typing import Any

import pytest

from messaging.models import Conversation, Message, Part, Run, StoredObject
from messaging.services import delete_conversation, redact_messages, update_message
from messaging.transfer.export import export_messages
from tests.cast import Tenant
from tests.client import ApiClient
from tests.transfer import counts, exported, imported, lines, messages, others

pytestmark = pytest.mark.django_db

IMAGE = "data:image/png;base64," + base64.b64encode(os.urandom(60_000)).decode()
PICTURE = {"type": "input_image", "detail": "low", "image_url": IMAGE}
LARGE = "Größe\n" * 10_000


@pytest.fixture
def full(api: ApiClient, thread: str, say, act, run: str) -> str:
    """A thread with a message of a user with a large image, and an ended run with every kind of part."""
    api.patch(run, {"status": "cancelled"})
    say(
        [{"type": "input_text", "text": "Look"}, {"type": "input_image", "detail": "low", "image_url": IMAGE}]
    )
    second = api.post(f"/v1/threads/{thread}/runs", {"agent_id": "support", "metadata": {"k": "v"}}).json()
    path = f"/v1/threads/{thread}/runs/{second['run_id']}"
    parts = [
        {"type": "text", "text": "I see."},
        {"type": "reasoning", "text": "hm", "metadata": {"n": 1}},
        {"type": "tool-call", "tool_name": "t", "tool_call_id": "c", "args": {"a": [1, None]}},
        {"type": "tool-call", "tool_name": "t", "tool_call_id": "d", "args": {"large": LARGE}},
        {"type": "file", "url": "https://a.example/b.png", "mime_type": "image/png", "detail": "high"},
        {"type": "data", "data": {"x": 1e16}, "data_type": "chart"},
    ]
    api.post(f"{path}/messages", {"role": "assistant", "parts": parts})
    result = {"type": "tool-result", "tool_name": "t", "tool_call_id": "d", "output": LARGE, "is_error": True}
    failed = {"type": "tool-error", "tool_name": "t", "tool_call_id": "e", "error_text": "no"}
    api.post(f"{path}/messages", {"role": "tool", "parts": [result, failed]})
    api.post(
        f"{path}/messages",
        {"role": "assistant", "content": [{"type": "output_text", "text": "Done", "annotations": []}]},
    )
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    api.patch(path, {"status": "completed", "usage": usage, "model": "m", "tools": [{"type": "x"}]})
    return thread


def as_seen(api: ApiClient, thread: str) -> Any:
    """Everything that both wires tell of a thread, with what its objects hold."""
    said = api.get(f"/v1/threads/{thread}/messages?include_parts=true&limit=100").json()
    parts = [part for message in said for part in message["parts"]]
    refs = [
        part[name]["object_id"] for part in parts for name in part if name.endswith("_ref") and part[name]
    ]
    return (
        api.get(f"/v1/threads/{thread}").json(),
        said,
        api.get(f"/v1/threads/{thread}/runs?limit=100").json(),
        api.get(f"/api/v1/messages?conversation_id={thread}&order_by=seq").json(),
        [api.get(f"/v1/objects/{name}").content_read for name in refs],
    )


def clear(tenant: Tenant) -> None:
    for conversation in Conversation.objects.for_workspace(tenant.workspace.pk):
        delete_conversation(workspace_id=tenant.workspace.pk, conversation_id=conversation.pk)


def test_into_an_empty_workspace_both_wires_tell_what_they_told(acme: Tenant, api: ApiClient, full: str):
    before, source = as_seen(api, full), exported(acme)
    clear(acme)
    assert Run.objects.count() == Part.objects.count() == StoredObject.objects.count() == 0
    report, rejections = imported(acme, source)
    assert rejections == []
    assert as_seen(api, full) == before
    assert counts(imported(acme, source)[0]) == (0, 0, 2, 6, 0)
    assert as_seen(api, full) == before


def test_where_it_came_from_nothing_is_added(acme: Tenant, full: str):
    rows = [model.objects.count() for model in (Message, Run, Part, StoredObject)]
    imported(acme, exported(acme))
    assert [model.objects.count() for model in (Message, Run, Part, StoredObject)] == rows


def test_another_workspace_gets_runs_parts_and_objects_of_its_own(
    acme: Tenant, globex: Tenant, stranger: ApiClient, full: str
):
    source = exported(acme)
    assert counts(imported(globex, source)[0]) == (2, 6, 0, 0, 0)
    assert counts(imported(globex, source)[0]) == (0, 0, 2, 6, 0)
    [copy] = [found for found in others(globex) if found.meta_data == {"channel": "web"}]
    thread, said, runs, _, objects = as_seen(stranger, copy.pk)
    assert objects == [
        LARGE.encode(),
        json.dumps({"large": LARGE}, ensure_ascii=False, separators=(",", ":")).encode(),
    ]
    assert said[-1]["content"][1]["image_url"] == IMAGE
    assert {message["run_id"] for message in said} == {runs[0]["id"], None}
    ours = {
        row.pk
        for model in (Run, Part, StoredObject, Message)
        for row in model.objects.filter(workspace_id=acme.workspace.pk)
    }
    assert not any(name in json.dumps([said, runs]) for name in ours)


def test_a_run_that_wrote_on_several_pages_stands_in_the_export_once(
    monkeypatch: pytest.MonkeyPatch, acme: Tenant, full: str
):
    monkeypatch.setattr("messaging.transfer.export.PAGE", 1)
    messages = Message.objects.for_workspace(acme.workspace.pk).in_conversation(full)
    records = [json.loads(line) for line in export_messages(messages)]
    kinds = [record["type"] for record in records]
    assert kinds == ["export", "conversation", "message", "run", "message", "message", "message", "end"]
    assert records[-1] == {"type": "end", "conversations": 1, "runs": 1, "messages": 4, "memories": 0}


def test_a_run_that_was_active_has_failed_and_holds_nothing(acme: Tenant, api: ApiClient, thread: str, act):
    act(content="in the middle")
    source = exported(acme)
    clear(acme)
    imported(acme, source)
    [run] = api.get(f"/v1/threads/{thread}/runs").json()
    assert (run["status"], run["is_active"]) == ("failed", False)
    assert api.post(f"/v1/threads/{thread}/messages", {"role": "user", "content": "x"}).status_code == 200


def message(**fields: Any) -> dict[str, Any]:
    known = {"type": "message", "id": "m", "conversation_id": "c", "role": "assistant", "content": "x"}
    return known | fields


HEADER = {"type": "conversation", "id": "c"}
REFS = ("args_ref", "output_ref", "input_ref", "data_ref")
RUN = {"type": "run", "id": "r", "conversation_id": "c", "agent_id": "a"}
OBJECT = {"id": "o", "mime_type": "text/plain", "sha256": "0" * 64, "size_bytes": 1, "data": "eA=="}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (message(parts=[{"type": "data", "data_ref": {"size_bytes": 1}}]), "object_id"),
        (message(objects=[OBJECT | {"data": "not base64!"}]), "objects.0.data: Not base64"),
        (message(objects=[OBJECT | {"size_bytes": 9}]), "Not as many bytes"),
        (message(objects=[OBJECT | {"mime_type": "text/html\r\nX: y"}]), "Not a mime type"),
        ({"type": "run", "id": "r", "conversation_id": "c", "agent_id": "a"}, "created_at: Field required"),
        (
            {
                "type": "run",
                "id": "r",
                "conversation_id": "c",
                "agent_id": "a",
                "created_at": 0,
                "status": "odd",
            },
            "status",
        ),
    ],
)
def test_what_the_thread_wire_could_not_show_is_refused(acme: Tenant, bad: dict[str, Any], reason: str):
    report, [rejection] = imported(acme, lines(HEADER, bad, message(id="good")))
    assert (report.new_messages, rejection.line) == (1, 2)
    assert reason in rejection.reason


def test_an_object_whose_file_was_lost_leaves_its_message(acme: Tenant, api: ApiClient, thread: str, say):
    say([PICTURE])
    stored = StoredObject.objects.get()
    stored.path = "parley/gone"
    stored.save(update_fields=["path"])
    source = exported(acme)
    clear(acme)
    assert counts(imported(acme, source)[0]) == (2, 3, 0, 0, 0)
    [shown] = api.get(f"/v1/threads/{thread}/messages").json()
    assert shown["content"][0]["image_url"].endswith(stored.pk)


def test_an_object_of_another_workspace_is_not_reached_by_its_name(
    acme: Tenant, globex: Tenant, stranger: ApiClient, thread: str, say
):
    say([PICTURE])
    foreign = StoredObject.objects.get()
    ref = {
        "object_id": foreign.pk,
        "size_bytes": 1,
        "mime_type": "image/png",
        "prefix": "data:image/png;base64,",
    }
    items = [{"type": "input_image", "detail": "low", "image_url_ref": ref}]
    imported(globex, lines(HEADER, message(role="user", structured_content=items)))
    [conversation] = others(globex)
    [shown] = stranger.get(f"/v1/threads/{conversation.pk}/messages").json()
    assert IMAGE not in json.dumps(shown)
    assert stranger.get(f"/v1/objects/{foreign.pk}").status_code == 404


def test_files_of_what_was_not_stored_are_gone(acme: Tenant, monkeypatch: Any):
    from django.db import IntegrityError

    from messaging.services import files, prepared

    removed: list[str] = []
    monkeypatch.setattr(files, "remove_files", lambda paths: removed.extend(paths))

    def refuse(*args: Any) -> None:
        raise IntegrityError("refused")

    monkeypatch.setattr(prepared.PreparedBatch, "store", refuse)
    report, [rejection] = imported(acme, lines(HEADER, message(objects=[OBJECT])))
    assert report.new_messages == 0
    assert len(removed) == 2  # it is tried twice
    assert not messages(acme.conversation)[2:]


def change_three(tenant: Tenant, thread: str) -> None:
    """Corrects a result that was large, remarks upon calls with large arguments, redacts an image."""
    image, calls, results, _ = messages(Conversation.objects.get(pk=thread))
    for row, changes in ((results, {"content": "short"}), (calls, {"meta_data": {"seen": True}})):
        update_message(workspace_id=tenant.workspace.pk, message_id=row.pk, changes=changes)
    redact_messages(workspace_id=tenant.workspace.pk, message_ids=[image.pk])


def test_what_changed_comes_over_with_parts_and_objects(acme: Tenant, api: ApiClient, full: str):
    before = exported(acme)
    change_three(acme, full)
    after, source = as_seen(api, full), exported(acme)
    clear(acme)
    imported(acme, before)
    report, rejections = imported(acme, source)
    assert (report.changed_messages, rejections) == (3, [])
    assert as_seen(api, full) == after
    assert StoredObject.objects.count() == 1  # the arguments of the call, which nobody replaced
    assert imported(acme, source)[0].changed_messages == 0


def test_a_copy_elsewhere_follows_with_objects_of_its_own(
    acme: Tenant, globex: Tenant, api: ApiClient, stranger: ApiClient, full: str
):
    imported(globex, exported(acme))
    change_three(acme, full)
    report, rejections = imported(globex, exported(acme))
    assert (report.changed_messages, rejections) == (3, [])
    copy = next(row for row in others(globex) if row.message_count == 4)
    _, said, _, _, objects = as_seen(stranger, copy.pk)
    assert [message["content"] for message in said] == [
        message["content"] for message in as_seen(api, full)[1]
    ]
    assert objects == as_seen(api, full)[4]
    assert set(
        StoredObject.objects.for_workspace(globex.workspace.pk).values_list("message_id", flat=True)
    ) < {row.pk for row in messages(copy)}
