"""No list costs more memory than a page holds at once, however large its rows are."""

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.figures import report
from tests.e2e.server import ONE_PROCESS, Server
from tests.e2e.tenant import MESSAGES, Tenant, created, make_tenant
from tests.e2e.usage import Usage

ROWS, SIZE = 1_000, 180_000
PAGE = 16 * 1024 * 1024
MOST_MEMORY = 12 * PAGE
THREADS = "/v1/threads"
ENVIRONMENT = ONE_PROCESS

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def tenant(server: Server) -> Iterator[Tenant]:
    with make_tenant(server) as made:
        yield made


@pytest.fixture(scope="module")
def conversation(tenant: Tenant) -> str:
    """A thousand rows of 180 KB."""
    made = tenant.conversation()
    for first in range(0, ROWS, 50):
        content = [{"content": f"{number} ".ljust(SIZE, "x")} for number in range(first, first + 50)]
        created(tenant.client.post(MESSAGES, json={"conversation_id": made, "content": content}))
    return made


@pytest.fixture(scope="module")
def length_of(server: Server, tenant: Tenant) -> Iterator[Callable[[str], int]]:
    """Bytes of the answer to a path, whose making stays within bounds."""
    usage, peaks = Usage(server), [0]

    def read(path: str, method: str = "GET", body: object = None) -> int:
        with usage.measured() as cost, tenant.client.stream(method, path, json=body) as answer:
            assert answer.status_code == 200
            length = sum(map(len, answer.iter_raw()))
        print(f"{path}: {length:,} bytes, {cost.memory / 1e6:.0f} MB of memory, {cost.seconds:.2f} s of CPU")
        peaks.append(cost.memory)
        assert cost.memory <= MOST_MEMORY
        return length

    yield read
    report("lists of 1,000 rows of 180 KB", f"at most {max(peaks) / 1e6:.0f} MB of memory each")


@pytest.mark.parametrize(
    "path",
    [
        f"{MESSAGES}?limit=1000&conversation_id=",
        f"{MESSAGES}?limit=1000&search=xxx&conversation_id=",
        f"{MESSAGES}?limit=1000&skip=10&role=user&conversation_id=",
    ],
    ids=["plain", "search", "role"],
)
def test_a_thousand_large_messages(length_of: Callable[[str], int], conversation: str, path: str):
    assert length_of(path + conversation) > 0.9 * ROWS * SIZE


@pytest.mark.parametrize("parts", ["false", "true"])
def test_a_thousand_large_messages_of_a_thread(
    length_of: Callable[[str], int], conversation: str, parts: str
):
    path = f"{THREADS}/{conversation}/messages?limit=1000&include_parts={parts}"
    assert length_of(path) >= ROWS * SIZE


def test_a_page_by_cursor(length_of: Callable[[str], int], tenant: Tenant, conversation: str):
    first = tenant.client.get(f"{MESSAGES}?limit=1&conversation_id={conversation}").json()
    path = f"{MESSAGES}?limit=1000&conversation_id={conversation}&cursor={first['next_cursor']}"
    assert PAGE - 2 * SIZE < length_of(path) < PAGE + SIZE
