"""Every order that a list may be asked for, forwards and backwards: by cursor the same rows as by `skip`."""

from typing import Any

import pytest

from messaging.api.conversations.query import ConversationPagination
from messaging.api.keys.query import ApiKeyPagination
from messaging.api.messages.query import MessagePagination
from messaging.api.webhooks.query import WebhookPagination
from messaging.api.workspaces.query import WorkspacePagination
from messaging.services import (
    MessageDraft,
    Writer,
    create_api_key,
    create_conversation,
    create_webhook,
    create_workspace,
)
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

# Ties, empty texts, other scripts, upper and lower case: what databases like to disagree about.
NAMES = ("", "a", "A", "_", "é", "z", "Z", "ß", "一", "😀", "a", "B b", "b-b", "10", "9")
LISTS = {
    "messages": (MessagePagination, "order_by", "order_direction"),
    "conversations": (ConversationPagination, "sort_by", "sort_order"),
    "workspaces": (WorkspacePagination, "order_by", "order_direction"),
    "api-keys": (ApiKeyPagination, "order_by", "order_direction"),
    "webhooks": (WebhookPagination, "order_by", "order_direction"),
}
CASES = [
    (path, f"{by}={name}&{direction}={way}")
    for path, (pagination, by, direction) in LISTS.items()
    for name in pagination.orders
    for way in ("asc", "desc")
]


@pytest.fixture
def crowd(acme: Tenant) -> None:
    """Enough of everything, with ties in every column."""
    workspace_id, writer = acme.workspace.pk, Writer()
    for name in NAMES:
        drafts = [
            MessageDraft(content=name, role=name, message_type=name or "text", sender_id=name or None)
            for _ in range(len(name))
        ]
        create_conversation(workspace_id=workspace_id, writer=writer, drafts=drafts, title=name or None)
        create_workspace(name=name or "x", api_key_id=acme.api_key.pk)
        create_api_key(workspace_id=workspace_id, label=name or "x")
        create_webhook(workspace_id=workspace_id, url="https://127.0.0.1/hook")


def ids(page: Any) -> list[str]:
    return [row["id"] for row in page["data"]]


@pytest.mark.parametrize(("path", "order"), CASES)
def test_pages_by_cursor_are_the_pages_by_skip(api: ApiClient, crowd: None, path: str, order: str):
    url = f"/api/v1/{path}?{order}"
    everything = ids(api.get(f"{url}&limit=1000").json())
    assert len(set(everything)) == len(everything) >= len(NAMES)

    skipped = [
        row
        for skip in range(0, len(everything), 4)
        for row in ids(api.get(f"{url}&limit=4&skip={skip}").json())
    ]
    assert skipped == everything

    page = api.get(f"{url}&limit=4").json()
    seen, pages = ids(page), [page]
    while page["next_cursor"]:
        page = api.get(f"{url}&limit=4&cursor={page['next_cursor']}").json()
        assert page["total_count"] == len(everything)
        seen, pages = seen + ids(page), [*pages, page]
    assert seen == everything
    assert [page["has_more"] for page in pages] == [True] * (len(pages) - 1) + [False]

    for before in reversed(pages[:-1]):
        if "prev_cursor" not in page:
            break
        page = api.get(f"{url}&limit=4&cursor={page['prev_cursor']}").json()
        assert ids(page) == ids(before)
    else:
        assert page["prev_cursor"] is None


@pytest.mark.parametrize("path", ["messages", "conversations"])
def test_texts_are_ordered_by_code_point_whatever_the_database(api: ApiClient, crowd: None, path: str):
    by, value = ("order_by=role", "role") if path == "messages" else ("sort_by=title", "title")
    way = "order_direction" if path == "messages" else "sort_order"
    rows = api.get(f"/api/v1/{path}?{by}&{way}=asc&limit=1000").json()["data"]
    found = [(row[value] or "") if path == "messages" else (row[value] or "").casefold() for row in rows]
    assert found == sorted(found)


@pytest.mark.parametrize("path", LISTS)
def test_any_other_order_is_refused(api: ApiClient, path: str):
    by = LISTS[path][1]
    for name in ("secret", "digest", "workspace__name", "-id", "%20", "?", "pk", "content"):
        response = api.get(f"/api/v1/{path}?{by}={name}")
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", by])
