"""A bucket that is away: what needs it is refused in time, and everything else goes on."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import boto3
import httpx
import pytest

from tests.e2e.attack import watching
from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Server
from tests.e2e.tenant import MESSAGES, Tenant

LARGE, BUCKET = 200_000, "parley"
REFUSED_SECONDS = 2 * 5 + 3
"""`STORAGE_SECONDS`, twice, and what comes before and between."""
READ_SECONDS, BACK_SECONDS = 0.3, 10.0
ACCESS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]


class Bucket:
    """An S3 server of its own, which forgets everything when it is killed."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx.get(self.url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        client = boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id="a",
            aws_secret_access_key="b",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=BUCKET)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    made = Bucket()
    made.start()
    yield made
    made.process.send_signal(signal.SIGCONT)
    made.kill()


@pytest.fixture(scope="module")
def environment(bucket: Bucket) -> dict[str, str]:
    where = {"S3_BUCKET": BUCKET, "S3_ENDPOINT_URL": bucket.url, **ACCESS}
    return AS_STARTED | where | {"RUN_WORKER": "false"}


def objects_of(tenant: Tenant) -> int:
    sql = "SELECT COUNT(*) FROM parley_storedobject WHERE workspace_id = "
    return int(tenant.store.value(f"{sql}'{tenant.workspace_id}'"))


def hold(bucket: Bucket, tenant: Tenant) -> float:
    """Writers of objects are refused, others notice nothing; returns the seconds of the longest refusal."""
    writes, before = tenant.writes_of_large("x" * LARGE), objects_of(tenant)
    with watching(
        lambda: tenant.client.get(MESSAGES),
        lambda: tenant.client.post(MESSAGES, json={"content": {"content": "small"}}),
    ) as watchers:
        refused = []
        for write in writes * 2:
            began = time.monotonic()
            answer = write()
            refused.append((answer, time.monotonic() - began))
    assert {answer.status_code for answer, _ in refused} == {503}, refused[0][0].text
    assert all(answer.headers["Retry-After"] for answer, _ in refused)
    for watcher in watchers:
        assert set(watcher.statuses) <= {200, 201}
    assert watchers[0].quantile(0.99) <= READ_SECONDS
    assert objects_of(tenant) == before
    longest = max(seconds for _, seconds in refused)
    assert longest <= REFUSED_SECONDS
    return longest


def wait_until_it_is_used(tenant: Tenant) -> float:
    """Seconds until an object is stored."""
    run, began = tenant.run(), time.monotonic()
    while (answer := tenant.write_output(run, "x" * LARGE)).status_code != 200:
        assert time.monotonic() - began < BACK_SECONDS, answer.text
        time.sleep(0.1)
    return time.monotonic() - began


def test_a_bucket_that_is_down(bucket: Bucket, server: Server, tenant: Tenant):
    wait_until_it_is_used(tenant)
    bucket.kill()
    try:
        longest = hold(bucket, tenant)
    finally:
        bucket.start()
    back = wait_until_it_is_used(tenant)
    outcome = f"503 after {longest:.1f} s at most; the rest goes on; used {back:.0f} s after its return"
    report("the bucket of the objects is down", outcome)


def test_a_bucket_that_does_not_answer(bucket: Bucket, server: Server, tenant: Tenant):
    wait_until_it_is_used(tenant)
    bucket.process.send_signal(signal.SIGSTOP)
    try:
        longest = hold(bucket, tenant)
    finally:
        bucket.process.send_signal(signal.SIGCONT)
    back = wait_until_it_is_used(tenant)
    outcome = f"503 after {longest:.1f} s at most; the rest goes on; used {back:.0f} s after its return"
    report("the bucket of the objects does not answer", outcome)
