"""No body costs more than its size: a second of CPU, twelve times its size of memory, which comes back."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.bodies import OPENAI, REFUSED, TAKEN, Sent
from tests.e2e.figures import report
from tests.e2e.server import ONE_PROCESS, Server
from tests.e2e.tenant import CONVERSATIONS, MESSAGES, Tenant, created, make_tenant
from tests.e2e.usage import Usage

SECONDS, TIMES = 1.0, 12
BUSY = 2
"""So many times as long the same may take where others use the cores of the machine."""
SMALL = 6 * 1024 * 1024
"""A smaller body may cost as much as this one."""
LONGEST_ANSWER = 200_000
ENVIRONMENT = ONE_PROCESS

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def tenant(server: Server) -> Iterator[Tenant]:
    with make_tenant(server) as made:
        conversation = made.conversation()
        for _ in range(5):  # what is imported and connected once is there
            created(
                made.client.post(
                    MESSAGES, json={"conversation_id": conversation, "content": {"content": "x"}}
                )
            )
        yield made


@pytest.fixture(scope="module")
def costs() -> Iterator[list[tuple[float, float]]]:
    """CPU seconds of each body, and how many times its size it took of memory."""
    made: list[tuple[float, float]] = []
    yield made
    if made:
        seconds, times = map(max, zip(*made, strict=True))
        outcome = f"at most {seconds:.1f} s of CPU and {times:.0f} times its size of memory each"
        report("bodies of 10 MB that cost as much as any can", outcome)


def cost_of(server: Server, tenant: Tenant, sent: Sent, costs: list[tuple[float, float]]) -> httpx.Response:
    """Its answer, once what it costs is within bounds."""
    headers, body = {"Content-Type": "application/json"}, sent.body()
    path = sent.path.format(conversation=tenant.conversation(), message=written(tenant))
    with Usage(server).measured() as cost:
        answer = tenant.client.post(path, content=body, headers=headers)
    times = cost.memory / max(len(body), SMALL)
    print(f"{answer.status_code}, {len(body):,} bytes: {cost.seconds:.2f} s, {times:.1f} times its size")
    costs.append((cost.seconds, times))
    assert cost.seconds <= SECONDS * BUSY
    assert times <= TIMES
    return answer


def written(tenant: Tenant) -> str:
    """The id of a new message."""
    return str(created(tenant.client.post(MESSAGES, json={"content": {"content": "x"}}))[0]["id"])


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(server: Server, tenant: Tenant, name: str, costs: list[tuple[float, float]]):
    answer = cost_of(server, tenant, REFUSED[name], costs)
    assert answer.status_code == (400 if REFUSED[name].path.startswith(OPENAI) else 422)
    assert len(answer.content) <= LONGEST_ANSWER


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken(server: Server, tenant: Tenant, name: str, costs: list[tuple[float, float]]):
    assert cost_of(server, tenant, TAKEN[name], costs).status_code in (200, 201)


def test_memory_comes_back(server: Server, tenant: Tenant):
    usage, conversation = Usage(server), tenant.conversation()
    batch: dict[str, Any] = {"conversation_id": conversation, "content": [{"content": "x" * 9_000}] * 1_000}
    before = usage.resident()
    for _ in range(20):
        created(tenant.client.post(MESSAGES, json=batch))
    after = usage.resident()
    report("20 batches of 9 MB", f"{before / 1e6:.0f} MB of memory before, {after / 1e6:.0f} MB afterwards")
    assert after <= 1.3 * before
    assert tenant.client.get(f"{CONVERSATIONS}/{conversation}").status_code == 200
