"""Large values: kept as files, named in their rows, got at /v1/objects."""

import base64
import json
import os
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection

from messaging.models import Message, Part, StoredObject
from messaging.services import delete_workspace, redact_messages, remove_orphans
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

LARGE = "Größe\n" * 10_000
PNG = base64.b64encode(os.urandom(60_000)).decode()


def files() -> set[str]:
    """Names of the files in the storage."""
    storage = storages["default"]
    try:
        folders = storage.listdir("parley")[0]
    except FileNotFoundError:
        return set()
    return {name for folder in folders for name in storage.listdir(f"parley/{folder}")[1]}


@pytest.fixture(autouse=True)
def _clean():
    for folder in storages["default"].listdir("")[0] if files() else ():
        for inner in storages["default"].listdir(folder)[0]:
            for name in storages["default"].listdir(f"{folder}/{inner}")[1]:
                storages["default"].delete(f"{folder}/{inner}/{name}")


def got(api: ApiClient, url: str) -> Any:
    """What is behind a URL that an answer gave, which says where the host mounts us."""
    return api.get(url.removeprefix(api.prefix))


def result(output: Any, **fields: Any) -> dict[str, Any]:
    part = {"type": "tool-result", "tool_name": "dump", "tool_call_id": "c", "output": output}
    return {"role": "tool", "parts": [part | fields]}


def fetched(api: ApiClient, ref: dict[str, Any], **headers: str) -> Any:
    return api.get(f"/v1/objects/{ref['object_id']}", **headers)


@pytest.mark.wire("seekrflow", "create_run_message", "5 MB of output: a row under 4 KiB, identical bytes")
def test_five_megabytes(api: ApiClient, act, thread: str):
    output = os.urandom(2_500_000).hex()
    message = act(**result(output))
    [part] = message["parts"]
    assert (part["output"], part["output_ref"]["size_bytes"]) == (None, 5_000_000)
    assert fetched(api, part["output_ref"]).content_read == output.encode()
    for model, key in ((Message, message["id"]), (Part, part["id"])):
        row = model.objects.filter(pk=key).values().get()
        assert len(json.dumps(row, default=str).encode()) < 4_096
    assert len(json.dumps(api.get(f"/api/v1/messages/{message['id']}").json())) < 4_096
    began = time.thread_time()
    listed = api.get(f"/v1/threads/{thread}/messages?include_parts=true")
    assert len(listed.content) < 4_096
    assert time.thread_time() - began < 1


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"type": "tool-call", "tool_name": "f", "args": {"rows": [LARGE]}}, "args"),
        ({"type": "tool-error", "tool_name": "f", "input": [LARGE]}, "input"),
        ({"type": "tool-result", "tool_name": "f", "output": {"a": LARGE}}, "output"),
        ({"type": "data", "data": [1.5] * 20_000}, "data"),
    ],
)
@pytest.mark.wire("seekrflow", "get_object", "args, input, output and data above the threshold, as JSON")
def test_every_payload_moves_out(api: ApiClient, act, part, field):
    [stored] = act(parts=[part])["parts"]
    ref = stored[f"{field}_ref"]
    response = fetched(api, ref)
    assert (stored[field], json.loads(response.content_read)) == (None, part[field])
    assert (response["Content-Type"], ref["mime_type"]) == ("application/json", "application/json")
    assert ref["truncated"] is True
    assert len(ref["preview_text"]) == 256


def test_what_is_small_stays(act):
    [part] = act(**result("x" * 32_766))["parts"]
    assert (len(part["output"]), part["output_ref"], files()) == (32_766, None, set())


@pytest.mark.parametrize("ref", [{"object_id": "obj_1", "size_bytes": 1, "mime_type": "a/b", "path": "/etc"}])
def test_refs_of_a_client_are_not_kept(act, ref):
    [part] = act(parts=[{"type": "data", "data_ref": ref}])["parts"]
    assert (part["data"], part["data_ref"]) == (None, None)


@pytest.mark.wire("seekrflow", "get_object", "a download that no browser runs; ETag, If-None-Match")
@pytest.mark.parametrize(
    ("given", "served"), [("text/html", "text/html"), ("a\r\nb: c", "text/plain"), ("x" * 300, "text/plain")]
)
def test_headers(api: ApiClient, act, given, served):
    [part] = act(**result(LARGE, mime_type=given))["parts"]
    ref = part["output_ref"]
    response = fetched(api, ref)
    assert response["Content-Type"] == served
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["ETag"] == f'"{ref["sha256"]}"'
    assert fetched(api, ref, if_none_match=response["ETag"]).status_code == 304
    assert fetched(api, ref, if_none_match="*").status_code == 304
    assert fetched(api, ref, if_none_match='"other"').status_code == 200


@pytest.mark.wire("seekrflow", "get_object", "a cache asks each time, so that it shows nothing redacted")
def test_a_cache_shows_no_redacted_object(api: ApiClient, say, acme: Tenant):
    message = say([{"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{PNG}"}])
    path = f"/v1/objects/{StoredObject.objects.get().pk}"
    first = api.get(path)
    assert first["Cache-Control"] == "private, no-cache"
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[message["id"]])
    assert api.get(path, if_none_match=first["ETag"]).status_code == 404


@pytest.mark.wire("seekrflow", "get_object", "byte ranges")
@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 9),
        ("bytes=100-", 206, 100, -1),
        ("bytes=-5", 206, -5, -1),
        ("bytes=5-99999999", 206, 5, -1),
        ("bytes=9-5", 200, 0, -1),
        ("bytes=0-1,5-6", 200, 0, -1),
        ("lines=1-2", 200, 0, -1),
        ("bytes=99999999-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
    ],
)
def test_ranges(api: ApiClient, act, asked, status, first, last):
    [part] = act(**result(LARGE))["parts"]
    whole = LARGE.encode()
    response = fetched(api, part["output_ref"], range=asked)
    assert response.status_code == status
    if status == 416:
        assert response["Content-Range"] == f"bytes */{len(whole)}"
        return
    first, last = first % len(whole), last % len(whole)
    assert response.content_read == whole[first : last + 1]
    assert response["Content-Length"] == str(last + 1 - first)
    if status == 206:
        assert response["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
        other = fetched(api, part["output_ref"], range=asked, if_range='"other"')
        assert other.status_code == 200


@pytest.mark.wire("seekrflow", "get_object", "only to keys of its workspace")
def test_a_stranger_gets_nothing(api: ApiClient, stranger: ApiClient, act):
    [part] = act(**result(LARGE))["parts"]
    foreign, absent = fetched(stranger, part["output_ref"]), stranger.get("/v1/objects/absent")
    assert (foreign.status_code, foreign.content) == (404, absent.content)


@pytest.mark.wire("seekrflow", "create_message", "a large image leaves the row and comes back as it was sent")
def test_images(api: ApiClient, say, thread: str):
    items = [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{PNG}"},
    ]
    message = say(items)
    assert message["content"] == items
    path = f"/v1/threads/{thread}/messages"
    assert api.get(path).json()[0]["content"] == items
    assert api.get(f"{path}/{message['id']}").json()["content"] == items
    row = Message.objects.filter(pk=message["id"]).values().get()
    assert len(json.dumps(row, default=str)) < 4_096
    file = message["parts"][1]
    assert (file["mime_type"], file["detail"]) == ("image/png", "low")
    assert got(api, file["url"]).content_read == base64.b64decode(PNG)
    [attachment] = api.get(f"/api/v1/messages/{message['id']}").json()["attachments"]
    assert attachment["object_id"] == file["url"].rpartition("/")[2]


def test_images_beyond_the_budget_of_an_answer_are_links(api: ApiClient, say, thread: str, settings):
    settings.PARLEY = {"INLINE_OBJECTS_BYTES": 100_000}
    image = {"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{PNG}"}
    made = [say([image])["parts"][0]["url"] for _ in range(2)]
    newer, older = api.get(f"/v1/threads/{thread}/messages").json()
    assert newer["content"] == [image]
    assert older["content"][0]["image_url"] == made[0]


def test_an_image_whose_file_is_lost_is_a_link(api: ApiClient, say, thread: str, caplog):
    message = say([{"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{PNG}"}])
    storages["default"].delete(StoredObject.objects.get().path)
    [row] = api.get(f"/v1/threads/{thread}/messages").json()
    assert row["content"][0]["image_url"] == message["parts"][0]["url"]
    assert got(api, message["parts"][0]["url"]).status_code == 404


@pytest.mark.parametrize("url", ["data:image/png;base64," + "QQ" * 30_000 + "=x", "data:," + "x" * 60_000])
def test_a_data_url_that_could_not_be_given_back_stays_in_its_row(say, url):
    items = [{"type": "input_image", "detail": "low", "image_url": url}]
    assert say(items)["content"] == items
    assert files() == set()


@pytest.mark.parametrize("what", ["message", "content", "thread", "conversation", "workspace"])
@pytest.mark.wire("seekrflow", "delete_message", "its objects and their files go with it")
def test_files_go_with_their_rows(
    api: ApiClient, say, thread: str, acme: Tenant, django_capture_on_commit_callbacks, what: str
):
    image = {"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{PNG}"}
    message = f"/v1/threads/{thread}/messages/{say([image])['id']}"
    assert len(files()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        match what:
            case "message":
                api.delete(message)
            case "content":
                api.patch(message, {"content": "text"})
            case "thread":
                api.delete(f"/v1/threads/{thread}")
            case "conversation":
                api.delete(f"/api/v1/conversations/{thread}")
            case "workspace":
                delete_workspace(workspace_id=acme.workspace.pk, force=True)
    assert (files(), StoredObject.objects.count()) == (set(), 0)


@pytest.mark.parametrize("path", ["/v1/threads/nowhere/messages", "{locked}"])
def test_a_refused_write_leaves_no_file(api: ApiClient, thread: str, path: str):
    api.post(f"/v1/threads/{thread}/runs", {})
    image = {"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{PNG}"}
    target = path.format(locked=f"/v1/threads/{thread}/messages")
    assert api.post(target, {"role": "user", "content": [image]}).status_code in (404, 409)
    assert files() == set()


def test_a_retry_leaves_no_second_file(api: ApiClient, thread: str):
    image = {"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{PNG}"}
    body = {"id": "5d0c", "role": "user", "content": [image]}
    for _ in range(2):
        assert api.post(f"/v1/threads/{thread}/messages", body).status_code == 200
    assert len(files()) == StoredObject.objects.count() == 1


def test_orphans_are_found_and_removed(api: ApiClient, act, acme: Tenant, capsys):
    act(**result(LARGE))
    kept = files()
    storages["default"].save(f"parley/{acme.workspace.pk}/obj_orphan", ContentFile(b"x"))
    call_command("remove_orphans")
    assert "obj_orphan" in files()  # too young to be one for certain
    call_command("remove_orphans", older_than=0, dry_run=True)
    assert "obj_orphan" in files()
    assert len(remove_orphans(older_than=timedelta(0))) == 1
    assert files() == kept


@pytest.fixture
def bucket(settings, monkeypatch):
    """The default storage in a bucket of an S3 server on this machine."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    access = {"endpoint_url": url, "region_name": "eu-central-1"}
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    boto3.client("s3", **access, **keys).create_bucket(
        Bucket="objects", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    options = {"bucket_name": "objects", "access_key": "x", "secret_key": "x", **access}
    s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": s3}
    yield
    server.stop()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_bucket_is_as_good(api: ApiClient, act, thread, bucket, django_capture_on_commit_callbacks):
    message = act(**result(LARGE))
    ref = message["parts"][0]["output_ref"]
    assert fetched(api, ref).content_read == LARGE.encode()
    assert fetched(api, ref, range="bytes=6-12").content_read == LARGE.encode()[6:13]
    assert len(files()) == 1
    assert remove_orphans(older_than=timedelta(0)) == []
    with django_capture_on_commit_callbacks(execute=True):
        api.delete(f"/v1/threads/{thread}")
    assert files() == set()
    assert connection.is_usable()
