"""The lock of a run, with many writers at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from messaging.models import Message, Run
from tests.cast import Tenant, make_tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant(transactional_db: None) -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def api(tenant: Tenant) -> ApiClient:
    return ApiClient(tenant.secret)


def at_once(calls: list[Callable[[], Any]]) -> list[int]:
    """The statuses that these calls answer, made at the same time."""

    def status(call: Callable[[], Any]) -> int:
        try:
            return call().status_code  # type: ignore[no-any-return]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(status, calls))


@pytest.mark.wire("seekrflow", "create_run", "of many at once exactly one gets the thread")
def test_one_of_many_runs_gets_the_thread(api: ApiClient, tenant: Tenant):
    runs = f"/v1/threads/{tenant.conversation.pk}/runs"
    statuses = at_once([lambda: api.post(runs, {})] * 12)
    assert Counter(statuses) == {200: 1, 409: 11}
    assert Run.objects.count() == 1


def test_no_message_enters_behind_the_lock(api: ApiClient, tenant: Tenant):
    """Whatever a user writes while runs open and close, no message of a user stands within a run."""
    thread = f"/v1/threads/{tenant.conversation.pk}"

    def turn() -> Any:
        opened = api.post(f"{thread}/runs", {})
        if opened.status_code == 200:
            run = f"{thread}/runs/{opened.json()['run_id']}"
            for _ in range(2):
                api.post(f"{run}/messages", {"role": "assistant", "content": "x"})
            api.patch(run, {"status": "completed"})
        return opened

    def user() -> Any:
        return api.post(f"{thread}/messages", {"role": "user", "content": "x"})

    statuses = at_once([turn, user] * 6)
    assert set(statuses) <= {200, 409}
    written = Message.objects.filter(conversation=tenant.conversation).order_by("seq")
    by = [run_id for run_id in written.values_list("run_id", flat=True) if run_id]
    order = [row.run_id for row in written]
    for run_id in set(by):
        first = order.index(run_id)
        assert order[first : first + 2] == [run_id, run_id]


@pytest.mark.wire("seekrflow", "cancel_run", "against a run that writes: no more comes, the rest stays")
def test_cancel_against_a_run_that_writes(api: ApiClient, tenant: Tenant):
    thread = f"/v1/threads/{tenant.conversation.pk}"
    run = f"{thread}/runs/{api.post(f'{thread}/runs', {}).json()['run_id']}"
    message = {"role": "assistant", "parts": [{"type": "data", "data": "x" * 40_000}]}
    writes = [lambda: api.post(f"{run}/messages", message)] * 8
    statuses = at_once([*writes[:4], lambda: api.post(f"{run}/cancel", {}), *writes[4:]])
    assert statuses[4] == 200
    kept = statuses[:4].count(200) + statuses[5:].count(200)
    assert len(api.get(f"{run}/messages").json()) == kept
    assert set(statuses) <= {200, 409}
    assert api.post(f"{run}/messages", message).status_code == 409


def test_a_retry_at_the_same_time_stores_one_message(api: ApiClient, tenant: Tenant):
    path = f"/v1/threads/{tenant.conversation.pk}/messages"
    body = {"id": "5d0c", "role": "user", "content": "x"}
    assert set(at_once([lambda: api.post(path, body)] * 10)) == {200}
    assert Message.objects.filter(conversation=tenant.conversation).count() == 3
