"""Pages of large rows: by cursor they end early, by number of rows they come whole, piece by piece."""

import json
from typing import Any

import pytest
from django.http import StreamingHttpResponse

from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    append_run_message,
    create_conversation,
    create_run,
)
from messaging.sql import budget
from tests.cast import Tenant
from tests.client import ApiClient

SIZE = 1_000
BUDGET = 4_500


@pytest.fixture
def large(acme: Tenant, settings: Any) -> list[str]:
    """Ten messages of a thousand bytes in a conversation of their own, and room for four of them."""
    settings.PARLEY = {"PAGE_BYTES": BUDGET}
    drafts = [MessageDraft(content=f"large {number}".ljust(SIZE)) for number in range(10)]
    return [
        row.pk
        for row in create_conversation(workspace_id=acme.workspace.pk, writer=Writer(), drafts=drafts)[1]
    ]


def conversation_of(api: ApiClient, message_id: str) -> str:
    return str(api.get(f"/api/v1/messages/{message_id}").json()["conversation_id"])


def messages_path(api: ApiClient, large: list[str]) -> str:
    return f"/api/v1/conversations/{conversation_of(api, large[0])}/messages"


def read(response: Any) -> Any:
    assert response.status_code == 200
    return json.loads(response.content_read if response.streaming else response.content)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("narrowed", ["", "&search=large", "&role=user"])
def test_a_page_by_number_of_rows_is_whole(api: ApiClient, large: list[str], direction: str, narrowed: str):
    wanted = large if direction == "asc" else large[::-1]
    path = f"{messages_path(api, large)}?order_direction={direction}{narrowed}"
    whole = read(api.get(path))
    assert ids(whole["data"]) == wanted
    assert (whole["total_count"], whole["has_more"], whole["next_cursor"]) == (10, False, None)
    part = read(api.get(f"{path}&skip=2&limit=6"))
    assert ids(part["data"]) == wanted[2:8]
    assert (part["page"], part["next_page"], part["has_more"]) == (1, 2, True)
    rest = read(api.get(f"{path}&limit=6&cursor={part['next_cursor']}"))
    assert ids(rest["data"]) == wanted[8:]


def test_what_is_sent_in_pieces_is_what_is_sent_at_once(api: ApiClient, large: list[str], settings: Any):
    paths = [messages_path(api, large), f"/v1/threads/{conversation_of(api, large[0])}/messages?limit=50"]
    for path in paths:
        in_pieces = api.get(path)
        assert isinstance(in_pieces, StreamingHttpResponse)
        settings.PARLEY = {}
        at_once = api.get(path)
        assert not at_once.streaming
        assert read(in_pieces) == read(at_once)
        settings.PARLEY = {"PAGE_BYTES": BUDGET}


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("narrowed", ["", "&search=large", "&role=user"])
def test_a_page_by_cursor_ends_before_the_bytes_that_one_holds(
    api: ApiClient, large: list[str], direction: str, narrowed: str
):
    path = f"{messages_path(api, large)}?order_direction={direction}{narrowed}"
    page = read(api.get(f"{path}&limit=1"))
    pages = [page["data"]]
    while page["has_more"]:
        response = api.get(f"{path}&limit=100&cursor={page['next_cursor']}")
        assert not response.streaming
        page = read(response)
        pages.append(page["data"])
    assert [len(rows) for rows in pages] == [1, 4, 4, 1]
    assert ids([row for rows in pages for row in rows]) == (large if direction == "asc" else large[::-1])


def test_a_page_backwards_ends_there_too(api: ApiClient, large: list[str]):
    path = "/api/v1/conversations?order_by=created_at"
    for _ in range(6):
        api.post("/api/v1/conversations", {"summary": "s" * SIZE})
    every = ids(read(api.get(path))["data"])
    last = read(api.get(f"{path}&skip={len(every) - 1}&limit=1"))
    before = read(api.get(f"{path}&limit=100&cursor={last['prev_cursor']}"))
    assert len(before["data"]) < len(every) - 1
    assert ids(before["data"]) == every[-1 - len(before["data"]) : -1]
    further = read(api.get(f"{path}&limit=100&cursor={before['prev_cursor']}"))
    assert ids(further["data"])[-1] == every[-2 - len(before["data"])]


def test_a_row_that_is_too_large_by_itself_is_a_page(api: ApiClient, large: list[str], settings: Any):
    settings.PARLEY = {"PAGE_BYTES": 10}
    path = messages_path(api, large)
    assert ids(read(api.get(path))["data"]) == large[::-1]
    page = read(api.get(f"{path}?skip=7&limit=1"))
    page = read(api.get(f"{path}?limit=9&cursor={page['next_cursor']}"))
    assert (ids(page["data"]), page["has_more"]) == ([large[1]], True)
    page = read(api.get(f"{path}?limit=9&cursor={page['next_cursor']}"))
    assert (ids(page["data"]), page["has_more"], page["next_cursor"]) == ([large[0]], False, None)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_list_of_a_thread_is_whole(api: ApiClient, large: list[str], order: str):
    wanted = large if order == "asc" else large[::-1]
    path = f"/v1/threads/{conversation_of(api, large[0])}/messages?order={order}"
    assert ids(read(api.get(path))) == wanted
    assert ids(read(api.get(f"{path}&limit=7&offset=2"))) == wanted[2:9]
    assert ids(read(api.get(f"{path}&after={wanted[1]}"))) == wanted[2:]
    assert ids(read(api.get(f"{path}&before={wanted[9]}&limit=7"))) == wanted[2:9]
    assert ids(read(api.get(f"{path}&before={wanted[9]}&limit=7&offset=1"))) == wanted[1:8]
    assert ids(read(api.get(f"{path}&before={wanted[8]}"))) == wanted[:8]


def test_parts_count_too(api: ApiClient, acme: Tenant, settings: Any):
    workspace_id, writer = acme.workspace.pk, Writer()
    thread, _ = create_conversation(workspace_id=workspace_id, writer=writer)
    run = create_run(workspace_id=workspace_id, conversation_id=thread.pk, agent_id="agent")
    for number in range(6):
        parts = [{"type": "data", "data": f"{number}" * SIZE}, {"type": "text", "text": f"{number}"}]
        append_run_message(
            workspace_id=workspace_id,
            conversation_id=thread.pk,
            run_id=run.pk,
            draft=MessageDraft(role="assistant", content=None, parts=parts),
            writer=writer,
        )
    path = f"/v1/threads/{thread.pk}/messages?include_parts=true&order=asc"
    at_once = read(api.get(path))
    settings.PARLEY = {"PAGE_BYTES": 2_500}
    in_pieces = api.get(path)
    assert in_pieces.streaming
    assert read(in_pieces) == at_once
    assert [len(row["parts"]) for row in at_once] == [2] * 6


def test_lists_of_threads_and_conversations(api: ApiClient, settings: Any):
    for number in range(5):
        api.post("/api/v1/conversations", {"title": f"{number}", "meta_data": {"x": "y" * SIZE}})
    paths = ["/api/v1/conversations", "/v1/threads"]
    at_once = [read(api.get(path)) for path in paths]
    settings.PARLEY = {"PAGE_BYTES": 2_500}
    in_pieces = [api.get(path) for path in paths]
    assert [response.streaming for response in in_pieces] == [True, True]
    assert [read(response) for response in in_pieces] == at_once


def test_nothing_is_said_of_a_head(api: ApiClient, large: list[str]):
    response = api.send("HEAD", messages_path(api, large))
    assert response.status_code == 200
    assert not b"".join(response.streaming_content)


def test_values_count_too(api: ApiClient, acme: Tenant, settings: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(budget, "LARGE", 0)
    settings.PARLEY = {"PAGE_BYTES": BUDGET}
    drafts = [MessageDraft(content="x", meta_data={"x": [0] * 60}) for _ in range(4)]  # 120 bytes each
    _, rows = create_conversation(workspace_id=acme.workspace.pk, writer=Writer(), drafts=drafts)
    page = read(api.get(f"/api/v1/conversations/{rows[0].conversation_id}/messages?limit=1"))
    path = f"/api/v1/conversations/{rows[0].conversation_id}/messages?limit=9&cursor={page['next_cursor']}"
    assert len(read(api.get(path))["data"]) == 2


def test_letters_count_as_their_bytes(api: ApiClient, acme: Tenant, settings: Any):
    settings.PARLEY = {"PAGE_BYTES": BUDGET}
    drafts = [MessageDraft(content="\u6587" * 700) for _ in range(4)]  # 2,100 bytes each
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=drafts,
        writer=Writer(),
    )
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages"
    page = read(api.get(f"{path}?limit=1"))
    assert len(read(api.get(f"{path}?limit=9&cursor={page['next_cursor']}"))["data"]) == 2
