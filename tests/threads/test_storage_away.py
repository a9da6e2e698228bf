"""A storage that is full, read-only or away: nothing half done, nothing left behind, nothing forgotten."""

import base64
import errno
import io
import os
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.core.management import CommandError, call_command
from django.db import transaction

from messaging import storage as module
from messaging import waits
from messaging.exceptions import StorageUnavailable
from messaging.jobs import upkeep
from messaging.models import IdempotencyRecord, Job, Message, StoredObject
from messaging.services import delete_messages, files, redact_messages, remove_orphans
from messaging.services.files import AT_ONCE, REMOVAL
from tests.cast import Tenant
from tests.client import ApiClient
from tests.hostapp.storages import Failing

pytestmark = pytest.mark.django_db

IMAGE = {
    "type": "input_image",
    "detail": "low",
    "image_url": f"data:image/png;base64,{base64.b64encode(os.urandom(60_000)).decode()}",
}
ERRORS = [OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EROFS, "Read-only"), TimeoutError()]


@pytest.fixture(autouse=True)
def gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_gate", waits.Gate())


@pytest.fixture
def api(acme: Tenant) -> ApiClient:
    """A client that sees answers, and not what raised them."""
    made = ApiClient(acme.secret)
    made.client.raise_request_exception = False
    return made


@pytest.fixture
def storage(settings: Any, tmp_path: Any) -> Failing:
    """The storage of objects, which fails once its `error` is set."""
    backend = {"BACKEND": "tests.hostapp.storages.Failing", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    made = storages["default"]
    assert isinstance(made, Failing)
    return made


def on_disk(storage: FileSystemStorage) -> list[str]:
    return [name for _, _, names in os.walk(storage.location) for name in names]


@pytest.mark.wire("seekrflow", "create_message", "503 while the storage of large values takes none")
@pytest.mark.parametrize("error", ERRORS, ids=["full", "read-only", "slow"])
@pytest.mark.parametrize("large", [1, 2])
def test_a_write_is_refused_and_leaves_nothing(
    api: ApiClient, thread: str, storage: Failing, error: Exception, large: int
):
    storage.error, storage.after = error, large - 1
    body = {"role": "user", "content": [IMAGE] * 2}
    response = api.post(f"/v1/threads/{thread}/messages", body, idempotency_key="k")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["detail"] == "The storage of large values is not available"
    assert len(on_disk(storage)) == (0 if storage.is_full else large - 1)
    assert not Message.objects.filter(conversation=thread).exists()
    assert not StoredObject.objects.exists()
    assert not IdempotencyRecord.objects.exists()
    storage.error = None
    remove_orphans(older_than=timedelta(0))
    assert on_disk(storage) == []
    assert api.post(f"/v1/threads/{thread}/messages", body, idempotency_key="k").status_code == 200


def test_what_needs_no_storage_is_written_meanwhile(api: ApiClient, thread: str, storage: Failing):
    storage.error = ERRORS[0]
    assert api.post("/api/v1/messages", {"content": {"content": "hi"}}).status_code == 201
    assert api.post(f"/v1/threads/{thread}/messages", {"role": "user", "content": "hi"}).status_code == 200


@pytest.mark.wire("seekrflow", "get_object", "503 while the storage is away, 404 where it lost the file")
def test_a_download_tells_away_from_lost(api: ApiClient, say: Any, storage: Failing):
    say([IMAGE])
    stored = StoredObject.objects.get()
    storage.error = TimeoutError()
    assert api.get(f"/v1/objects/{stored.pk}").status_code == 503
    storage.error = None
    storage.delete(stored.path)
    assert api.get(f"/v1/objects/{stored.pk}").status_code == 404


def test_messages_are_read_meanwhile_and_the_storage_is_asked_once(
    api: ApiClient, say: Any, thread: str, storage: Failing
):
    for _ in range(3):
        say([IMAGE])
    storage.error, storage.asked = TimeoutError(), 0
    rows = api.get(f"/v1/threads/{thread}/messages").json()
    assert ["/v1/objects/obj_" in row["content"][0]["image_url"] for row in rows] == [True] * 3
    assert storage.asked == 1


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Callable[[Callable[[], Any]], int]:
    """Does it, runs what comes after its commit, and returns how many calls that were."""

    def run(act: Callable[[], Any]) -> int:
        with django_capture_on_commit_callbacks(execute=True) as calls:
            act()
        return sum(isinstance(call, files._Removal) for call in calls)

    return run


@pytest.mark.parametrize("act", [delete_messages, redact_messages])
def test_files_that_are_not_deleted_with_their_rows_are_left_to_a_job(
    say: Any, acme: Tenant, storage: Failing, commit: Any, act: Callable[..., Any]
):
    ids = [say([IMAGE, IMAGE])["id"] for _ in range(2)]
    storage.error, storage.asked = OSError(errno.EROFS, "Read-only"), 0
    assert commit(lambda: act(workspace_id=acme.workspace.pk, message_ids=ids)) == 1
    assert not StoredObject.objects.exists()
    assert (storage.asked, len(on_disk(storage))) == (1, 4)
    [job] = Job.objects.filter(kind=REMOVAL)
    with pytest.raises(Exception, match="not available"):
        upkeep.remove_files(**job.parameters)
    storage.error = None
    assert upkeep.remove_files(**job.parameters) == {"removed": 4}
    assert on_disk(storage) == []


def test_many_files_are_left_to_a_job(acme: Tenant, storage: Failing, commit: Any):
    for number in range(AT_ONCE + 2):
        path = storage.save(f"parley/{number}", ContentFile(b"x"))
        row = StoredObject(workspace_id=acme.workspace.pk, message_id=acme.reply.pk, size_bytes=1, path=path)
        row.save(force_insert=True)
    commit(lambda: delete_messages(workspace_id=acme.workspace.pk, message_ids=[acme.reply.pk]))
    [job] = Job.objects.filter(kind=REMOVAL)
    assert (len(on_disk(storage)), len(job.parameters["paths"])) == (2, 2)
    assert upkeep.remove_files(**job.parameters) == {"removed": 2}


def test_files_of_rows_that_came_back_stay(say: Any, acme: Tenant, storage: Failing, commit: Any):
    kept, gone = (say([IMAGE])["id"] for _ in range(2))

    def act() -> None:
        with transaction.atomic():
            delete_messages(workspace_id=acme.workspace.pk, message_ids=[gone])
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                delete_messages(workspace_id=acme.workspace.pk, message_ids=[kept])
                raise ZeroDivisionError

    commit(act)
    [stored] = StoredObject.objects.all()
    assert on_disk(storage) == [stored.path.rpartition("/")[2]]


def test_an_export_without_its_objects_is_none(say: Any, acme: Tenant, storage: Failing, tmp_path: Any):
    say([IMAGE])
    storage.error = TimeoutError()
    with pytest.raises(CommandError, match="not complete"):
        call_command(
            "export_conversations", workspace="acme", output=str(tmp_path / "x"), stdout=io.StringIO()
        )


def test_an_import_says_why_it_ends(say: Any, acme: Tenant, globex: Tenant, storage: Failing, tmp_path: Any):
    say([IMAGE])
    source = tmp_path / "source.jsonl"
    call_command("export_conversations", workspace="acme", output=str(source), verbosity=0)
    before = on_disk(storage)
    storage.error = ERRORS[0]
    with pytest.raises(CommandError, match="not available; repeat"):
        call_command("import_conversations", str(source), workspace="globex")
    assert on_disk(storage) == before
    storage.error = None
    call_command("import_conversations", str(source), workspace="globex", stdout=io.StringIO())
    assert StoredObject.objects.filter(workspace=globex.workspace).count() == 1


def test_the_command_that_removes_orphans_says_why_not(say: Any, storage: Failing):
    say([IMAGE])
    storage.error = TimeoutError()
    with pytest.raises(CommandError, match="not available"):
        call_command("remove_orphans", older_than=0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_bucket_that_is_silent_is_not_awaited_for_long(
    api: ApiClient, thread: str, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    from config import settings as of_the_service

    monkeypatch.setattr(of_the_service, "STORAGE_SECONDS", 0.3)
    monkeypatch.setenv("S3_BUCKET", "objects")
    monkeypatch.setenv("S3_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("S3_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        settings.STORAGES = settings.STORAGES | {"default": of_the_service.object_storage()}
        began = time.monotonic()
        response = api.post(f"/v1/threads/{thread}/messages", {"role": "user", "content": [IMAGE]})
    assert response.status_code == 503
    assert time.monotonic() - began < 10
    assert not Message.objects.filter(conversation=thread).exists()


def failing() -> None:
    with module.storage_errors():
        raise TimeoutError


def test_a_slow_storage_occupies_one_thread_at_a_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waits, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(waits, "PAUSE_SECONDS", 0.0)
    with pytest.raises(StorageUnavailable) as found:
        failing()
    assert isinstance(found.value.__cause__, TimeoutError)
    with module.storage_errors():  # the one that tries
        with pytest.raises(StorageUnavailable) as found:
            failing()
        assert isinstance(found.value.__cause__, waits.Closed)
    with module.storage_errors(), module.storage_errors():
        pass


def test_a_slow_storage_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waits, "SLOW_SECONDS", -1.0)
    with pytest.raises(StorageUnavailable):
        failing()
    with pytest.raises(StorageUnavailable), module.storage_errors():
        raise AssertionError


def test_a_storage_that_fails_at_once_is_asked_each_time():
    for _ in range(2):
        with pytest.raises(StorageUnavailable) as found:
            failing()
        assert isinstance(found.value.__cause__, TimeoutError)
