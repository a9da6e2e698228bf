"""How many SQL statements each operation takes, held by statements.json, on either database.

`RECORD_STATEMENTS=1` writes the file anew. Counted as in `tests/wire/test_statements.py`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.content import item_id_of
from messaging.services import MessageDraft, Writer, append_message, append_run_message, create_run
from tests.baseline import hold_statements, operations
from tests.cast import Tenant
from tests.client import ApiClient, statements
from threads.openai.dialect import OPENAI

BASELINE = Path(__file__).with_name("statements.json")
CONVERSATION = "conversations/{conversation}"
ITEMS = f"{CONVERSATION}/items"
TEXTS = [{"role": "user", "content": str(n)} for n in range(20)]
THREAD = "threads/{conversation}"
RUN = f"{THREAD}/runs/{{run}}"
TEXT = {"role": "user", "content": "x"}
OUTPUTS = {"tool_outputs": [{"tool_call_id": "c", "output": "x"}]}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}

# name, which begins with the operation: (method, path, body)
CALLS: dict[str, tuple[str, str, Any]] = {
    "create_a_conversation": ("POST", "conversations", None),
    "create_a_conversation, 20 items": ("POST", "conversations", {"items": TEXTS}),
    "list_conversations_of_a_workspace": ("GET", "conversations", None),
    "list_conversations_of_a_workspace, after one": ("GET", "conversations?after={conversation}", None),
    "retrieve_a_conversation": ("GET", CONVERSATION, None),
    "update_a_conversation": ("POST", CONVERSATION, {"metadata": {"k": "v"}}),
    "delete_a_conversation": ("DELETE", CONVERSATION, None),
    "create_items": ("POST", ITEMS, {"items": TEXTS[:1]}),
    "create_items, 20 of them": ("POST", ITEMS, {"items": TEXTS}),
    "create_items, ids of the client": ("POST", ITEMS, {"items": [CALL]}),
    "list_items": ("GET", ITEMS, None),
    "list_items, after one": ("GET", f"{ITEMS}?after={{item}}", None),
    "retrieve_an_item": ("GET", f"{ITEMS}/{{item}}", None),
    "delete_an_item": ("DELETE", f"{ITEMS}/{{item}}", None),
    "delete_an_item, of several": ("DELETE", f"{ITEMS}/{{call}}", None),
    "create_an_assistants_thread": ("POST", "threads", {"messages": [TEXT]}),
    "create_an_assistants_thread_and_run": ("POST", "threads/runs", {"assistant_id": "a"}),
    "get_an_assistants_thread": ("GET", THREAD, None),
    "modify_an_assistants_thread": ("POST", THREAD, {"metadata": {"k": "v"}}),
    "delete_an_assistants_thread": ("DELETE", THREAD, None),
    "create_a_thread_message": ("POST", f"{THREAD}/messages", TEXT),
    "list_thread_messages": ("GET", f"{THREAD}/messages", None),
    "get_a_thread_message": ("GET", f"{THREAD}/messages/{{message}}", None),
    "modify_a_thread_message": ("POST", f"{THREAD}/messages/{{message}}", {"metadata": {"k": "v"}}),
    "delete_a_thread_message": ("DELETE", f"{THREAD}/messages/{{message}}", None),
    "create_an_assistants_run": ("POST", f"{THREAD}/runs", {"assistant_id": "a"}),
    "list_assistants_runs": ("GET", f"{THREAD}/runs?{{run}}", None),
    "get_an_assistants_run": ("GET", RUN, None),
    "modify_an_assistants_run": ("POST", RUN, {"metadata": {"k": "v"}}),
    "cancel_an_assistants_run": ("POST", f"{RUN}/cancel", None),
    "submit_tool_outputs_to_an_assistants_run": ("POST", f"{RUN}/submit_tool_outputs", OUTPUTS),
    "list_assistants_run_steps": ("GET", f"{RUN}/steps", None),
    "get_an_assistants_run_step": ("GET", f"{RUN}/steps/{{step}}", None),
}


def run_of(tenant: Tenant) -> dict[str, str]:
    """A run that has called a tool, and the step that this is."""
    thread = {"workspace_id": tenant.workspace.pk, "conversation_id": tenant.conversation.pk}
    run = create_run(**thread, agent_id="a")
    called = {"type": "tool-call", "tool_name": "f", "tool_call_id": "c", "args": {}}
    draft = MessageDraft(role="assistant", parts=[called])
    row = append_run_message(**thread, run_id=run.pk, draft=draft, writer=Writer())
    return {"run": run.pk, "step": f"step_{row.pk.partition('_')[2]}_calls"}


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", CALLS)
def test_an_operation_takes_as_many_statements_as_recorded(api: ApiClient, acme: Tenant, name: str):
    method, path, body = CALLS[name]
    functions = [{"id": f"c{n}", "function": {"name": "f", "arguments": "{}"}} for n in range(2)]
    several = append_message(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        draft=MessageDraft(role="assistant", content="x", tool_calls=functions),
        writer=Writer(),
    )
    ids = {
        "conversation": acme.conversation.pk,
        "item": item_id_of(acme.reply.pk, "message"),
        "call": item_id_of(several.pk, "function_call", 1),
        "message": acme.reply.pk,
        "run": "",
    }
    if "{run}" in path:
        ids |= run_of(acme)
    with CaptureQueriesContext(connection) as context:
        response = api.call(method, f"/openai/v1/{path.format(**ids)}", body)
    assert response.status_code == 200, response.content
    hold_statements(BASELINE, name, len(statements(context)))


def test_every_operation_is_recorded_and_nothing_else():
    assert {name.split(",")[0] for name in CALLS} == operations(OPENAI)
    assert set(json.loads(BASELINE.read_text())) == set(CALLS)
