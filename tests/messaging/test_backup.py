"""`backup` and `restore`: what is brought back is what was there, and what is damaged is refused by name."""

import hashlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from messaging.backup import files
from messaging.backup.databases import dump_of
from messaging.changes import current_position, read_changes
from messaging.conf import object_storage
from messaging.exceptions import ResyncNeeded
from messaging.models import Message, StoredObject
from messaging.services import MessageDraft, Writer, append_messages, delete_message
from tests.cast import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="of pg_dump")

CONTENT = b"a large output"


@pytest.fixture
def stored(acme: Tenant) -> StoredObject:
    """An object of acme's question, with its file."""
    path = object_storage().save(f"parley/{acme.workspace.pk}/obj_x", ContentFile(CONTENT))
    return StoredObject.objects.create(
        id="obj_x",
        workspace=acme.workspace,
        message=acme.question,
        path=path,
        size_bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "today"


def run(name: str, *arguments: Any, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(name, *arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def restore(source: Path, **options: Any) -> str:
    return run("restore", source, replace=True, asks=False, **options)[0]


def append(tenant: Tenant, text: str) -> str:
    [message] = append_messages(
        workspace_id=tenant.workspace.pk,
        conversation_id=tenant.conversation.pk,
        drafts=[MessageDraft(content=text)],
        writer=Writer(),
    )
    return str(message.pk)


def contents() -> list[tuple[str, int, str]]:
    rows = Message.objects.order_by("conversation_id", "seq")
    return list(rows.values_list("conversation_id", "seq", "content"))


def manifest_of(folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return values


def test_what_is_restored_is_what_was_there(acme: Tenant, globex: Tenant, stored: StoredObject, target: Path):
    before = contents()
    run("backup", target)
    append(acme, "later")
    delete_message(workspace_id=globex.workspace.pk, message_id=globex.reply.pk)
    object_storage().delete(stored.path)
    told = restore(target)
    assert contents() == before
    assert object_storage().open(stored.path).read() == CONTENT
    assert "1 objects were not in the storage and are now." in told
    assert "0 conversations had wrong counters." in told


def test_the_store_goes_on_after_a_restore(acme: Tenant, target: Path):
    """Triggers, sequences and indexes have come as well."""
    run("backup", target)
    restore(target)
    added = append(acme, "zebra crossing")
    search = Message.objects.for_workspace(acme.workspace.pk).filter(content__contains="zebra")
    assert [row.pk for row in search] == [added]
    acme.conversation.refresh_from_db()
    assert acme.conversation.message_count == acme.conversation.last_seq == 3


def test_readers_of_changes_read_the_state_anew(acme: Tenant, target: Path):
    run("backup", target)
    append(acme, "known to a reader")
    position = current_position()
    restore(target)
    with pytest.raises(ResyncNeeded):
        read_changes(workspace_id=acme.workspace.pk, after=position)


def test_a_backup_tells_what_it_holds(acme: Tenant, stored: StoredObject, target: Path):
    out, _ = run("backup", target)
    manifest = manifest_of(target)
    assert f"{target}: " in out
    assert "1 objects" in out
    assert (manifest["objects"], manifest["object_bytes"]) == (1, len(CONTENT))
    assert sum(count for name, count in manifest["tables"].items() if name.endswith("parley_message")) == 4
    assert manifest["migrations"]["parley"][0] == "0001_initial"
    assert "Whole, of " in run("restore", target, check=True)[0]


def test_its_owner_alone_reads_a_backup(acme: Tenant, stored: StoredObject, target: Path):
    run("backup", target)
    assert target.stat().st_mode & 0o777 == 0o700
    modes = {path.stat().st_mode & 0o777 for path in target.rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_a_folder_that_exists_is_refused(acme: Tenant, target: Path):
    target.mkdir(parents=True)
    with pytest.raises(CommandError, match="exists already") as error:
        run("backup", target)
    assert error.value.returncode == 2
    assert list(target.iterdir()) == []


def test_what_a_killed_backup_left_is_no_backup_and_makes_room(acme: Tenant, target: Path):
    left = target.with_name("today.partial")
    (left / "objects").mkdir(parents=True)
    (left / "objects" / "half").write_text("x")
    with pytest.raises(CommandError, match="did not end"):
        run("restore", left, check=True)
    run("backup", target)
    assert not left.exists()
    assert not (target / "objects").exists()


def test_two_backups_do_not_write_to_one_folder(acme: Tenant, target: Path):
    with (
        files.begun(target),
        pytest.raises(CommandError, match="Another backup writes"),
    ):
        run("backup", target)


def test_a_backup_that_fails_leaves_nothing(
    acme: Tenant, stored: StoredObject, target: Path, monkeypatch: pytest.MonkeyPatch
):
    def is_full(*args: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("messaging.backup.objects.sha256_while_copying", is_full)
    with pytest.raises(CommandError, match="No space left"):
        run("backup", target)
    assert list(target.parent.iterdir()) == []


def test_objects_that_are_missing_or_damaged_are_named(acme: Tenant, stored: StoredObject, target: Path):
    storage = object_storage()
    storage.delete(stored.path)
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("backup", target, stdout=StringIO(), stderr=err)
    assert ended.value.code == 1
    assert f"missing in the storage: {stored.path}" in err.getvalue()
    storage.save(stored.path, ContentFile(b"something else"))
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("backup", target.with_name("next"), stdout=StringIO(), stderr=err)
    assert f"damaged in the storage: {stored.path}" in err.getvalue()
    restore(target)


def test_an_object_deleted_meanwhile_is_named_and_no_failure(
    acme: Tenant, stored: StoredObject, target: Path, monkeypatch: pytest.MonkeyPatch
):
    opened = type(object_storage()).open

    def delete_first(storage: Any, name: str, mode: str = "rb") -> Any:
        delete_message(workspace_id=acme.workspace.pk, message_id=acme.question.pk)
        return opened(storage, name, mode)

    monkeypatch.setattr(type(object_storage()), "open", delete_first)
    _, err = run("backup", target)
    assert f"deleted meanwhile: {stored.path}" in err


def test_a_storage_that_fails_is_named(
    acme: Tenant, stored: StoredObject, target: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: object) -> None:
        raise ConnectionError("no route to the bucket")

    monkeypatch.setattr(type(object_storage()), "open", fail)
    with pytest.raises(CommandError, match=f"fails at {stored.path}: no route"):
        run("backup", target)


def test_a_full_database_is_not_replaced_unasked(acme: Tenant, target: Path, monkeypatch: pytest.MonkeyPatch):
    run("backup", target)
    added = append(acme, "later")
    with pytest.raises(CommandError, match="--replace would lose"):
        run("restore", target)
    monkeypatch.setattr("builtins.input", lambda prompt: "yes")
    with pytest.raises(CommandError, match="nothing was changed"):
        run("restore", target, replace=True)
    assert Message.objects.filter(pk=added).exists()


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def change_manifest(folder: Path, **values: object) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest_of(folder) | values))


def without(path: Path) -> None:
    path.unlink()


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "database": (lambda folder: flip(next(folder.glob("database.*"))), r"database\.\w+ is damaged"),
    "no database": (lambda folder: without(next(folder.glob("database.*"))), r"cannot be read"),
    "object": (lambda folder: flip(next((folder / "objects").rglob("obj_*"))), "obj_x is missing or damaged"),
    "no objects": (lambda folder: shutil.rmtree(folder / "objects"), "obj_x is missing or damaged"),
    "list": (lambda folder: flip(folder / "objects.jsonl"), r"objects\.jsonl is damaged"),
    "manifest": (lambda folder: (folder / "manifest.json").write_text('{"format": 1'), "json is damaged"),
    "no manifest": (lambda folder: without(folder / "manifest.json"), "is no backup"),
    "format": (lambda folder: change_manifest(folder, format=2), "made by another version"),
    "vendor": (lambda folder: change_manifest(folder, vendor="oracle"), "is of oracle"),
    "newer": (
        lambda folder: change_manifest(folder, migrations={"parley": ["9999_later"]}),
        r"lacks the migrations parley\.9999_later",
    ),
    "rows": (lambda folder: change_manifest(folder, tables={}), "holds other rows than its manifest says"),
    "count": (lambda folder: change_manifest(folder, objects=7), "1 objects; its manifest says 7"),
}


def test_what_is_damaged_is_refused_by_name_and_nothing_is_touched(
    acme: Tenant, stored: StoredObject, target: Path
):
    run("backup", target)
    added = append(acme, "later")
    object_storage().delete(stored.path)
    for name, (damage, message) in DAMAGES.items():
        copy = target.with_name(f"{name} damaged")
        shutil.copytree(target, copy)
        damage(copy)
        with pytest.raises(CommandError, match=message):
            restore(copy)
        with pytest.raises(CommandError, match=message):
            run("restore", copy, check=True)
    assert Message.objects.filter(pk=added).exists()
    assert not object_storage().exists(stored.path)


def test_a_damaged_object_of_the_storage_is_replaced(acme: Tenant, stored: StoredObject, target: Path):
    run("backup", target)
    object_storage().delete(stored.path)
    object_storage().save(stored.path, ContentFile(b"damaged since"))
    restore(target)
    assert object_storage().open(stored.path).read() == CONTENT


def test_another_secret_key_is_noticed(acme: Tenant, target: Path, settings: Any):
    run("backup", target)
    settings.SECRET_KEY = "another one"
    assert "SECRET_KEY is not that of the backup" in run("restore", target, replace=True, asks=False)[1]


def test_a_backup_can_be_loaded_twice(acme: Tenant, target: Path):
    run("backup", target)
    assert "0 objects were not in the storage" in restore(target)
    assert "0 objects were not in the storage" in restore(target)


@on_postgresql
def test_tables_that_the_backup_does_not_know_are_not_lost(acme: Tenant, target: Path):
    run("backup", target)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE somebody_elses (id integer)")
        try:
            with pytest.raises(CommandError, match=r"tables that the backup does not have: public\.somebody"):
                restore(target)
        finally:
            cursor.execute("DROP TABLE somebody_elses")


@on_postgresql
def test_without_pg_dump_one_line_says_so(acme: Tenant, target: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(target))
    with pytest.raises(CommandError, match="No backup: pg_dump is not installed: it comes with PostgreSQL"):
        run("backup", target)


@on_postgresql
def test_an_older_pg_dump_is_named(acme: Tenant, target: Path, monkeypatch: pytest.MonkeyPatch):
    folder = target.parent / "bin"
    folder.mkdir(parents=True)
    old = folder / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    with pytest.raises(CommandError, match="pg_dump is of PostgreSQL 9 and the server of"):
        run("backup", target)


def test_a_backup_holds_back_neither_writers_nor_readers_of_changes(acme: Tenant, target: Path):
    start = current_position()

    def write_and_read() -> int:
        append(acme, "meanwhile")
        try:
            return len(read_changes(workspace_id=acme.workspace.pk, after=start).changes)
        finally:
            connection.close()  # that of this thread

    with (
        dump_of("default").written(target, lambda state: None) as moment,
        ThreadPoolExecutor(1) as others,
    ):
        assert others.submit(write_and_read).result() == 1
        assert not any("meanwhile" in row for row in moment.rows("SELECT content FROM parley_message"))
