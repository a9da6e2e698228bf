"""GET /api/v1/changes/stream, as a server without an event loop answers it: what has happened, and an end."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from messaging.changes import current_position
from messaging.services import begin_epoch
from tests.cast import Tenant
from tests.changes.test_list_changes import create
from tests.client import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/changes/stream"


def events(response: Any) -> list[dict[str, str]]:
    """The fields of each block of the stream."""
    blocks = response.content_read.decode().removesuffix("\n\n").split("\n\n")
    return [dict(line.split(": ", 1) for line in block.splitlines() if line != ":") for block in blocks]


def told(response: Any) -> list[Any]:
    return [json.loads(event["data"]) for event in events(response) if "data" in event]


@pytest.mark.wire("mielto", "stream_changes", "each event is one change, and its id the position of it")
def test_an_event_is_a_change(api: ApiClient, acme: Tenant):
    start = current_position()
    create(api, acme, "a")
    create(api, acme, "b")
    response = api.get(f"{PATH}?after={start}")
    assert told(response) == api.get(f"/api/v1/changes?after={start}").json()["data"]
    first, *changes, last = events(response)
    assert first == {"retry": "2000"}
    assert [event["id"] for event in changes] == [change["id"] for change in told(response)]
    assert list(last) == ["id"]  # where to go on
    assert last["id"] >= changes[-1]["id"]


@pytest.mark.wire("mielto", "stream_changes", "no proxy keeps it")
def test_its_headers(api: ApiClient):
    headers = api.get(PATH).headers
    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"


@pytest.mark.wire("mielto", "stream_changes", "Last-Event-ID continues, and wins over `after`")
def test_a_client_that_comes_back_goes_on(api: ApiClient, acme: Tenant):
    start = current_position()
    create(api, acme, "a")
    [*_, last] = events(api.get(f"{PATH}?after={start}"))
    create(api, acme, "b")
    [change] = told(api.get(f"{PATH}?after={start}", last_event_id=last["id"]))
    assert change["first_seq"] == 4


@pytest.mark.parametrize("query", ["", "?after=", "?after=latest"])
def test_without_a_position_it_begins_with_the_present(api: ApiClient, acme: Tenant, query: str):
    create(api, acme, "a")
    assert told(api.get(PATH + query)) == []


def test_it_is_narrowed_and_its_position_moves_on(api: ApiClient, acme: Tenant):
    start = current_position()
    create(api, acme, "a")
    response = api.get(f"{PATH}?after={start}&types=conversation.*")
    assert told(response) == []
    assert events(response)[-1]["id"] > start


def test_what_others_do_is_not_told(api: ApiClient, stranger: ApiClient, globex: Tenant):
    start = current_position()
    create(stranger, globex, "a")
    assert told(api.get(f"{PATH}?after={start}")) == []


@pytest.mark.wire("mielto", "stream_changes", "a position of another store is one `resync`, then it goes on")
def test_a_position_that_is_not_known_any_more(api: ApiClient, acme: Tenant):
    start = current_position()
    begin_epoch()
    response = api.get(f"{PATH}?after={start}")
    [resync] = [event for event in events(response) if event.get("event") == "resync"]
    assert set(json.loads(resync["data"])) == {"detail", "next_cursor"}
    create(api, acme, "a")
    assert len(told(api.get(PATH, last_event_id=resync["id"]))) == 1


@pytest.mark.parametrize(
    ("query", "headers", "loc"),
    [
        ("?after=x", {}, ["query", "after"]),
        ("", {"last_event_id": "x"}, ["header", "last-event-id"]),
        ("?types=message.created", {}, ["query", "types"]),
    ],
)
def test_nonsense_is_refused_by_name(api: ApiClient, query: str, headers: dict[str, str], loc: list[str]):
    response = api.get(PATH + query, **headers)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == loc


def test_it_needs_the_permission_to_read(client_with: Callable[..., ApiClient]):
    assert client_with("write").get(PATH).status_code == 403


def test_head_is_answered_at_once(api: ApiClient):
    assert api.send("HEAD", PATH).status_code == 200
