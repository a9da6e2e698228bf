"""A dialect says how its wire writes a time, and every answer keeps to it: from a row, a list, or a write."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from messaging.api.view import MieltoViewSet
from messaging.services.runs import create_run
from tests.cast import Tenant
from tests.client import ApiClient
from threads.seekrflow.view import SeekrFlowViewSet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both wires write whole seconds of Unix time."""
    for view in (MieltoViewSet, SeekrFlowViewSet):
        dialect = replace(view.dialect, moment=lambda moment: int(moment.timestamp()))
        monkeypatch.setattr(view, "dialect", dialect)


def times(value: object) -> Iterator[object]:
    """Every time of an answer, whatever it is part of."""
    if isinstance(value, dict):
        yield from (item for name, item in value.items() if name.endswith("_at") and item is not None)
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from times(item)


def hold_seconds(api: ApiClient, method: str, path: str, body: object = None) -> None:
    response = api.send(method, path, body)
    assert 200 <= response.status_code < 300
    written = list(times(json.loads(response.content)))
    assert written
    assert all(type(each) is int for each in written)


@pytest.mark.parametrize("path", ["messages", "conversations", "workspaces", "api-keys", "auth/session"])
def test_reads_of_mielto(api: ApiClient, acme: Tenant, path: str):
    hold_seconds(api, "GET", f"/api/v1/{path}")


@pytest.mark.parametrize("cursor_of", ["messages?limit=1&order_by=updated_at", "conversations?limit=1"])
def test_a_cursor_over_times_is_not_touched(api: ApiClient, acme: Tenant, cursor_of: str):
    api.send("POST", "/api/v1/conversations", {"title": "another"})
    first = json.loads(api.send("GET", f"/api/v1/{cursor_of}").content)
    hold_seconds(api, "GET", f"/api/v1/{cursor_of}&cursor={first['next_cursor']}")


def test_one_row_and_writes_of_mielto(api: ApiClient, acme: Tenant):
    hold_seconds(api, "GET", f"/api/v1/messages/{acme.question.pk}")
    hold_seconds(api, "PATCH", f"/api/v1/messages/{acme.question.pk}", {"tags": ["x"]})
    hold_seconds(api, "GET", f"/api/v1/conversations/{acme.conversation.pk}")
    hold_seconds(api, "POST", "/api/v1/messages", {"content": {"content": "x"}})


def test_seekrflow(api: ApiClient, acme: Tenant):
    thread = f"/v1/threads/{acme.conversation.pk}"
    for path in ("/v1/threads", thread, f"{thread}/messages", f"{thread}/messages/{acme.question.pk}"):
        hold_seconds(api, "GET", path)
    hold_seconds(api, "POST", f"{thread}/messages", {"role": "user", "content": "x"})
    run = create_run(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, agent_id="a")
    for path in (f"{thread}/runs", f"{thread}/runs/{run.pk}"):
        hold_seconds(api, "GET", path)
