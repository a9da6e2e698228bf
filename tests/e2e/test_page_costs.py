"""No list costs more memory than a page holds at once, however large its rows are."""

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.bodies import FORMATS
from tests.e2e.figures import report
from tests.e2e.server import ONE_PROCESS, Server
from tests.e2e.tenant import CONVERSATIONS, ITEMS, MESSAGES, Tenant, created, make_tenant
from tests.e2e.usage import Usage

ROWS, SIZE = 1_000, 180_000
PAGE = 16 * 1024 * 1024
MOST_MEMORY = 12 * PAGE
THREADS = "/v1/threads"
OPENAI = "/openai/v1"
TRANSCRIPT = CONVERSATIONS + "/{conversation}/transcript?format="
PARTS = THREADS + "/{conversation}/messages?include_parts=true"
CUT = {
    **{f"transcript as {name}": TRANSCRIPT + name for name in sorted(FORMATS)},
    "transcript of the last tokens": f"{TRANSCRIPT}openai&max_tokens=100000000&pin=system",
    "items": f"{ITEMS}?limit=100",
    "messages of an assistants thread": OPENAI + "/threads/{conversation}/messages?limit=100",
    "steps of a run": OPENAI + "/threads/{held}/runs/{run}/steps?limit=100",
}
"""Answers that end before the bytes that one holds."""
WHOLE = {
    "feedback": "/api/v1/feedback?limit=1000",
    "feedback on a message": MESSAGES + "/{message}/feedback?limit=1000",
}
"""Answers whose rows a client counts."""
SMALL = {
    "a run": OPENAI + "/threads/{held}/runs/{run}",
    "runs": OPENAI + "/threads/{held}/runs",
}
"""Answers that say little about much."""
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
def ids(tenant: Tenant, conversation: str) -> dict[str, str]:
    """The conversation, a message of it with a thousand pieces of feedback, and a run that wrote as much."""
    [first] = tenant.client.get(f"{MESSAGES}?limit=1&conversation_id={conversation}").json()["data"]
    for number in range(ROWS):
        given = {"value": True, "comment": f"{number} ".ljust(SIZE, "x"), "user_id": f"user {number}"}
        created(tenant.client.post(f"{MESSAGES}/{first['id']}/feedback", json=given))
    run = tenant.run()
    for number in range(ROWS):
        body = {"role": "assistant", "content": f"{number} ".ljust(SIZE, "x")}
        assert tenant.client.post(f"{run}/messages", json=body).status_code == 200
    _, _, held, _, run_id = run[1:].split("/")
    return {"conversation": conversation, "message": first["id"], "held": held, "run": run_id}


@pytest.fixture(scope="module")
def length_of(server: Server, tenant: Tenant) -> Iterator[Callable[[str], int]]:
    """Bytes of the answer to a path, whose making stays within bounds."""
    usage, peaks = Usage(server), [0]

    def read(path: str, method: str = "GET", body: object = None) -> int:
        with usage.measured() as cost, tenant.client.stream(method, path, json=body) as answer:
            assert answer.status_code in (200, 201)
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


@pytest.mark.parametrize("name", CUT)
def test_an_answer_that_ends_early(length_of: Callable[[str], int], ids: dict[str, str], name: str):
    assert length_of(CUT[name].format(**ids)) < PAGE + 2 * SIZE


@pytest.fixture(scope="module")
def small_values(tenant: Tenant) -> str:
    """Id of a conversation of 20 items, each with 120,000 small objects."""
    made = tenant.conversation()
    for _ in range(20):
        item = {"type": "odd", "a": [{"a": 0}] * 120_000}
        assert tenant.client.post(ITEMS.format(conversation=made), json={"items": [item]}).is_success
    return made


@pytest.mark.parametrize("path", [f"{ITEMS}?limit=100", f"{TRANSCRIPT}responses", PARTS])
def test_small_values_cost_no_more(length_of: Callable[[str], int], small_values: str, path: str):
    assert length_of(path.format(conversation=small_values)) > PAGE // 8


@pytest.mark.parametrize("name", WHOLE)
def test_a_list_whose_rows_are_counted(length_of: Callable[[str], int], ids: dict[str, str], name: str):
    assert length_of(WHOLE[name].format(**ids)) >= ROWS * SIZE


@pytest.mark.parametrize("name", SMALL)
def test_an_answer_that_says_little(length_of: Callable[[str], int], ids: dict[str, str], name: str):
    assert length_of(SMALL[name].format(**ids)) < SIZE


def test_a_fork(length_of: Callable[..., int], conversation: str):
    assert length_of(f"{CONVERSATIONS}/{conversation}/fork", "POST", {}) < SIZE


def test_a_message_that_takes_the_place_of_a_thousand(
    length_of: Callable[..., int], tenant: Tenant, conversation: str
):
    message = {"content": "x", "supersedes": tenant.ids(conversation)[0]}
    assert length_of(MESSAGES, "POST", {"conversation_id": conversation, "content": message}) < SIZE
