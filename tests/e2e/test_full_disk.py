"""A disk without room: writes are refused by name and leave nothing, and all goes on once there is room."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Database, Server, database
from tests.e2e.tenant import MESSAGES, READS, WRITES, Tenant, created

SIZE, LARGE = 48, 200_000
"""MiB of the disk, characters of an output that becomes an object."""
ON_POSTGRES = bool(os.environ.get("TEST_DATABASE_URL"))
REFUSED = (503, 507)

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def store(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """On SQLite the database is on the disk as well."""
    folder = tmp_path_factory.mktemp("store") if ON_POSTGRES else disk
    with database(folder, os.environ.get("TEST_DATABASE_URL") or None) as made:
        yield made


@pytest.fixture(scope="module")
def environment(disk: Path) -> dict[str, str]:
    return AS_STARTED | {"OBJECTS_DIR": str(disk / "objects"), "RUN_WORKER": "false"}


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """Within, there is no room left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1024 * 1024, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass
    try:
        yield
    finally:
        ballast.unlink()


def objects(disk: Path) -> set[Path]:
    return {path for path in (disk / "objects").rglob("*") if path.is_file()}


def test_objects_that_find_no_room(disk: Path, server: Server, tenant: Tenant):
    writes = tenant.writes_of_large("x" * LARGE)
    assert all(write().is_success for write in writes)
    before = objects(disk)
    with full(disk):
        answers = [write() for write in writes * 2]
        assert objects(disk) == before
        assert httpx.get(f"{server.url}/livez").status_code == 200
    assert {answer.status_code for answer in answers} <= set(REFUSED)
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status_code == 503)
    assert all(write().is_success for write in writes)
    assert len(objects(disk)) == len(before) + len(writes)
    statuses = " or ".join(str(status) for status in sorted({answer.status_code for answer in answers}))
    report("the disk of the objects is full", f"{statuses}, nothing left behind; stored once there is room")


@pytest.mark.skipif(ON_POSTGRES, reason="the disk of PostgreSQL is PostgreSQL's own affair")
def test_a_database_that_has_no_room(disk: Path, server: Server, tenant: Tenant):
    conversation, ids = tenant.conversation(), tenant.ids_there()
    acknowledged = []
    with full(disk), server.client(tenant.secret) as orchestrator:
        for number in range(20):
            body = {"conversation_id": conversation, "content": {"content": f"{number}" + "x" * 5_000}}
            answer = tenant.client.post(MESSAGES, json=body)
            if answer.status_code == 201:
                acknowledged.append(answer.json()[0]["id"])
        others = [tenant.client.post(path.format(**ids), json=body) for path, body in WRITES.items()]
        assert {each.status_code for each in (answer, *others)} <= set(REFUSED)
        assert all(each.headers["Retry-After"] for each in (answer, *others))
        assert orchestrator.get("/livez").status_code == 200
        assert orchestrator.get("/readyz").status_code == 503
        assert {tenant.client.get(path.format(**ids)).status_code for path in READS} == {200}
    created(tenant.client.post(MESSAGES, json=body))
    assert tenant.ids(conversation)[:-1] == acknowledged
    assert len(tenant.ids(ids["conversation"])) == 1
    report("the disk of the database is full", "503, reads go on; stored once there is room")


def test_a_backup_that_finds_no_room(disk: Path, server: Server, store: Database, tenant: Tenant):
    run = tenant.run()
    for _ in range(3):
        assert tenant.write_output(run, "x" * LARGE).status_code == 200
    process = store.manage("backup", str(disk / "copies" / "today"))
    with full(disk):
        _, errors = process.communicate()
    assert process.returncode == 2, errors
    assert errors.strip().splitlines()[-1].startswith("CommandError: No backup: ")
    assert not list((disk / "copies").iterdir())
