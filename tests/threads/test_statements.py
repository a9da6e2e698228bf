"""How many SQL statements each operation takes, held by statements.json, on either database.

`RECORD_STATEMENTS=1` writes the file anew. Counted as in `tests/wire/test_statements.py`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.changes import current_position
from tests.baseline import hold_statements, operations
from tests.client import ApiClient, statements
from threads.seekrflow.dialect import SEEKRFLOW

BASELINE = Path(__file__).with_name("statements.json")
USER = {"role": "user", "content": "x"}
PARTS = [{"type": "text", "text": "x"}, {"type": "tool-call", "tool_name": "f", "args": {}}] * 50
LARGE = [{"type": "data", "data": "x" * 40_000}]
IMAGE = [{"type": "input_image", "detail": "low", "image_url": "data:image/png;base64," + "QUJD" * 10_000}]
MESSAGES = "threads/{thread}/messages"
RUN = "threads/{thread}/runs/{run}"

# name, which begins with the operation: (method, path, body); a run holds the thread where a path names it
CALLS: dict[str, tuple[str, str, Any]] = {
    "create_thread": ("POST", "threads", {}),
    "list_threads": ("GET", "threads", None),
    "get_thread": ("GET", "threads/{thread}", None),
    "delete_thread": ("DELETE", "threads/{thread}", None),
    "create_message": ("POST", MESSAGES, USER),
    "create_message, id of the client": ("POST", MESSAGES, USER | {"id": "5d0c"}),
    "create_message, large image": ("POST", MESSAGES, {"role": "user", "content": IMAGE}),
    "list_messages": ("GET", MESSAGES, None),
    "list_messages, of no thread": ("GET", "threads/nowhere/messages", None),
    "list_messages, after one": ("GET", f"{MESSAGES}?after={{message}}&order=asc", None),
    "list_messages, with parts": ("GET", f"{MESSAGES}?include_parts=true", None),
    "get_message": ("GET", f"{MESSAGES}/{{message}}", None),
    "update_message": ("PATCH", f"{MESSAGES}/{{message}}", {"meta_data": {"k": "v"}}),
    "update_message, content": ("PATCH", f"{MESSAGES}/{{message}}", {"content": "new"}),
    "update_message, nothing": ("PATCH", f"{MESSAGES}/{{message}}", {}),
    "delete_message": ("DELETE", f"{MESSAGES}/{{message}}", None),
    "create_run": ("POST", "threads/{thread}/runs", {}),
    "list_runs": ("GET", "threads/{thread}/runs", None),
    "get_run": ("GET", RUN, None),
    "update_run": ("PATCH", RUN, {"status": "completed"}),
    "cancel_run": ("POST", f"{RUN}/cancel", None),
    "run_and_stream": ("POST", "threads/{thread}/runs/stream", {}),
    "run_and_stream_for_vercel": ("POST", "threads/{thread}/runs/stream/vercel", {}),
    "attach_to_run": ("GET", f"{RUN}/attach", None),
    "list_run_messages": ("GET", f"{RUN}/messages", None),
    "create_run_message": ("POST", f"{RUN}/messages", {"role": "assistant", "content": "x"}),
    "create_run_message, 100 parts": ("POST", f"{RUN}/messages", {"role": "assistant", "parts": PARTS}),
    "create_run_message, large": ("POST", f"{RUN}/messages", {"role": "assistant", "parts": LARGE}),
    "list_parts": ("GET", f"{MESSAGES}/{{message}}/parts", None),
    "get_part": ("GET", f"{MESSAGES}/{{message}}/parts/{{part}}", None),
    "get_object": ("GET", "objects/{object}", None),
}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", CALLS)
def test_an_operation_takes_as_many_statements_as_recorded(api: ApiClient, thread: str, say, name: str):
    method, path, body = CALLS[name]
    ids = {"thread": thread, "message": say()["id"], "run": "", "object": ""}
    if "{object}" in path:
        ids["object"] = say(IMAGE)["parts"][0]["url"].rpartition("/")[2]
    if "{part}" in path:
        message = say()
        ids |= {"message": message["id"], "part": message["parts"][0]["id"]}
    if "{run}" in path:
        ids["run"] = api.post(f"/v1/threads/{thread}/runs", {}).json()["run_id"]
    current_position()  # a part of it is asked for once in a process
    with CaptureQueriesContext(connection) as context:
        response = api.call(method, f"/v1/{path.format(**ids)}", body)
    assert response.status_code == (404 if "nowhere" in path else 200)
    hold_statements(BASELINE, name, len(statements(context)))


def test_every_operation_is_recorded_and_nothing_else():
    assert {name.split(",")[0] for name in CALLS} == operations(SEEKRFLOW)
    assert set(json.loads(BASELINE.read_text())) == set(CALLS)
