"""Pages of what posting lists match: the same rows whichever way they are read, rare or frequent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from messaging.index import posting_list
from messaging.models import Message
from messaging.services import MessageDraft, Writer, append_messages, create_conversation
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/messages"
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
MATCHING = 20
# Ceiling of the total, rows scanned, rows sorted. What matches is fewer than are counted, is among the first
# of the order, is sorted, or is left to the planner.
WAYS = {
    "counted": (100, 0, 0),
    "scanned": (5, 1_000, 0),
    "scanned too little": (5, 3, 1_000_000),
    "sorted": (5, 0, 1_000_000),
    "planned": (5, 0, 0),
}
FILTERS = ["tags=old", "search=quokka", "meta_data.case=7", "tags=old&search=quokka&role=user"]
ORDERS = ["created_at", "seq", "updated_at", "id"]


@pytest.fixture(autouse=True)
def history(acme: Tenant, globex: Tenant) -> None:
    """Of two conversations the older half matches, in groups of one moment; another tenant has the same."""
    for tenant in (acme, globex):
        other = create_conversation(workspace_id=tenant.workspace.pk, writer=Writer())[0].pk
        for conversation_id in (tenant.conversation.pk, other):
            append_messages(
                workspace_id=tenant.workspace.pk,
                conversation_id=conversation_id,
                writer=Writer(),
                drafts=[draft(number, matches=number < MATCHING // 2) for number in range(MATCHING)],
            )


def draft(number: int, *, matches: bool) -> MessageDraft:
    return MessageDraft(
        content=f"number {number} {'of the quokka' if matches else 'of nobody'}",
        tags=["old"] if matches else ["new"],
        meta_data={"case": 7 if matches else 8},
        created_at=BEGIN + timedelta(days=number // 3),
    )


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    ceiling, scanned, most_sorted = WAYS[request.param]
    settings.PARLEY = {"COUNT_CEILING": ceiling}
    monkeypatch.setattr(posting_list, "MOST_SCANNED", scanned)
    monkeypatch.setattr(posting_list, "MOST_SORTED", most_sorted)
    return str(request.param)


def page(api: ApiClient, query: str) -> Any:
    response = api.get(f"{PATH}?limit=6&{query}")
    assert response.status_code == 200, response.json()
    return response.json()


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer["data"]]


def expected(acme: Tenant, order: str, direction: str, **narrowed: Any) -> list[str]:
    """By Python, out of everything there is."""
    rows = [
        row
        for row in Message.objects.filter(workspace_id=acme.workspace.pk, **narrowed)
        if row.tags == ["old"]
    ]
    rows.sort(
        key=lambda row: (getattr(row, order), row.conversation_id, row.seq), reverse=direction == "desc"
    )
    return [row.pk for row in rows]


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_by_cursor_and_by_skip_are_the_same(
    way: str, api: ApiClient, acme: Tenant, order: str, direction: str
):
    wanted = expected(acme, order, direction)
    query = f"tags=old&order_by={order}&order_direction={direction}"
    pages = [page(api, query)]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(page(api, f"{query}&cursor={cursor}"))
    assert [pk for one in pages for pk in ids(one)] == wanted
    assert [one["has_more"] for one in pages] == [True, True, True, False]
    for index in range(1, len(pages)):
        assert ids(page(api, f"{query}&skip={6 * index}")) == ids(pages[index])


@pytest.mark.parametrize("query", FILTERS)
def test_every_filter_finds_its_rows(way: str, api: ApiClient, acme: Tenant, query: str):
    assert ids(page(api, f"{query}&limit=50")) == expected(acme, "created_at", "desc")
    within = f"{query}&limit=50&conversation_id={acme.conversation.pk}"
    narrowed = expected(acme, "created_at", "desc", conversation_id=acme.conversation.pk)
    assert ids(page(api, within)) == narrowed


@pytest.mark.parametrize("query", FILTERS)
def test_up_to_the_ceiling_the_total_is_exact(api: ApiClient, settings: Any, query: str):
    settings.PARLEY = {"COUNT_CEILING": MATCHING}
    response = api.get(f"{PATH}?limit=6&{query}")
    assert response.json()["total_count"] == MATCHING
    assert "X-Total-Count-Estimated" not in response.headers


def test_beyond_the_ceiling_the_total_is_exact_where_all_was_read(way: str, api: ApiClient):
    response = api.get(f"{PATH}?limit=6&tags=old")
    total, is_estimated = response.json()["total_count"], "X-Total-Count-Estimated" in response.headers
    assert is_estimated == (connection.vendor == "postgresql" and way in {"scanned", "planned"})
    assert total > 5 if is_estimated else total == MATCHING


@pytest.mark.parametrize(
    "query", ["tags=nobody", "search=xyzzy", "tags=old&skip=20", "tags=old&skip=1000000"]
)
def test_a_page_of_nothing_is_empty(way: str, api: ApiClient, query: str):
    answer = page(api, query)
    assert not answer["data"]
    assert not answer["has_more"]


def test_a_page_beyond_the_end_knows_the_total(api: ApiClient):
    assert page(api, "tags=old&skip=1000")["total_count"] == MATCHING
