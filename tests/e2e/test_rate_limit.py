"""The limit of a key holds across threads and processes: exactly as many pass as it says."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import MESSAGES, Tenant, at_once

LIMIT, CLIENTS = 30, 30


@pytest.fixture(scope="module")
def limited(store: Database) -> Iterator[Server]:
    with serving(store, RATE_LIMIT=f"{LIMIT}/hour") as running:
        yield running


def test_exactly_the_limit_passes(limited: Server, tenant: Tenant):
    with limited.client(tenant.secret) as client:

        def ask(_: int) -> list[tuple[int, str | None]]:
            answers = [client.get(MESSAGES) for _ in range(10 * LIMIT // CLIENTS)]
            return [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers]

        outcomes = [outcome for mine in at_once(CLIENTS, ask) for outcome in mine]
    assert Counter(status for status, _ in outcomes) == {200: LIMIT, 429: 9 * LIMIT}
    assert {retry_after for status, retry_after in outcomes if status == 200} == {None}
    assert all(3_500 < int(retry_after or 0) <= 3_600 for status, retry_after in outcomes if status == 429)


def test_another_key_has_a_limit_of_its_own(limited: Server, tenant: Tenant):
    with limited.client(tenant.secret) as client:
        assert [client.get(MESSAGES).status_code for _ in range(LIMIT + 1)] == [200] * LIMIT + [429]
    with limited.client(limited.database.secret) as client:
        assert client.get(MESSAGES).status_code == 200
