"""Ids of another workspace, sent to every route that takes one: the answers are those of absent ids."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from messaging.content import item_id_of
from messaging.services import (
    MessageDraft,
    Writer,
    add_memory,
    append_run_message,
    create_run,
    create_webhook,
    give_feedback,
)
from messaging.values.ids import derived_id
from messaging.wire.dialect import Dialect
from messaging.wire.routes import operations_of
from tests.cast import Tenant
from tests.client import ApiClient
from tests.walk import state

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ABSENT = "absent_01h455vb4pex5vsknk084sn02q"
# What some operation takes, and what none does.
BODIES = (
    {"role": "user", "content": "x", "title": "x", "name": "x", "label": "x", "memory": "x"},
    {"paused": True},
    {"messages": [{"role": "user", "content": "x"}]},
    {"role": "assistant", "content": "x"},
    {"status": "failed"},
    {"assistant_id": "a", "metadata": {"x": "y"}, "tool_outputs": []},
    {"metadata": {"x": "y"}, "items": [{"role": "user", "content": "x"}]},
    {"role": 1, "content": 1, "title": 1, "name": 1, "label": 1, "status": 1},
)
CALL = {"id": "call_1", "type": "function", "function": {"name": "find_order", "arguments": "{}"}}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes_with_ids(dialect: Dialect) -> list[str]:
    """The routes of a wire that take an id, prefix included; of two spellings, which share a view, one."""
    routes = {entry.callback: dialect.prefix + str(entry.pattern) for entry in operations_of(dialect)}
    return [route for route in routes.values() if PARAMETER.search(route)]


def ids_of(tenant: Tenant, *, with_run: bool = True) -> dict[str, str]:
    """An id of the workspace for each parameter that a route may have. A run, which waits for what a tool
    answers, locks the conversation."""
    ids = {
        "conversation_id": tenant.conversation.pk,
        "thread_id": tenant.conversation.pk,
        "message_id": tenant.question.pk,
        "item_id": item_id_of(tenant.question.pk, "message"),
        "part_id": derived_id("part", tenant.question.pk, 0),
        "step_id": f"step_{tenant.question.pk.partition('_')[2]}",
        "workspace_id": tenant.workspace.pk,
        "api_key_id": tenant.api_key.pk,
    }
    webhook, _ = create_webhook(workspace_id=tenant.workspace.pk, url="https://127.0.0.1/hook")
    ids["webhook_id"] = webhook.pk
    memory, _ = add_memory(workspace_id=tenant.workspace.pk, user_id="u", memory=f"of {tenant.workspace.pk}")
    ids["memory_id"] = memory.pk
    feedback, _ = give_feedback(
        workspace_id=tenant.workspace.pk, message_id=tenant.question.pk, value=True, user_id="u"
    )
    ids["feedback_id"] = feedback.pk
    if with_run:
        workspace_id, conversation_id = tenant.workspace.pk, tenant.conversation.pk
        run = create_run(workspace_id=workspace_id, conversation_id=conversation_id, agent_id="a")
        ids["run_id"] = run.pk
        append_run_message(
            workspace_id=workspace_id,
            conversation_id=conversation_id,
            run_id=run.pk,
            draft=MessageDraft(role="assistant", tool_calls=[CALL]),
            writer=Writer(),
        )
    return ids


def hold_isolation(api: ApiClient, own: Tenant, other: Tenant, route: str) -> None:
    """Raise AssertionError where the route answers an id of `other` unlike one that does not exist.

    Below a conversation of the caller's own, too.
    """
    foreign = ids_of(other)
    before = state(other.workspace.pk)
    leaf = PARAMETER.findall(route)[-1]
    for method in METHODS:
        for around in ({}, {"conversation_id": own.conversation.pk, "thread_id": own.conversation.pk}):
            if leaf not in around:
                _hold_method(api, method, route, around, foreign)
    assert state(other.workspace.pk) == before


def _hold_method(
    api: ApiClient, method: str, route: str, around: dict[str, str], foreign: Mapping[str, str]
) -> None:
    """Ids of every kind are tried without a body; with each body those that the route names."""
    leaf = PARAMETER.findall(route)[-1]
    for body in (None, *BODIES) if method in ("POST", "PUT", "PATCH") else (None,):
        absent = _answer(api, method, route, around, body)
        assert absent[0] in (400, 404, 405, 422), (method, body)
        is_refused = absent[0] == 405
        further = _of_any_kind(foreign, leaf) if body is None and not is_refused else ()
        for ids in (dict(foreign), *further):
            assert _answer(api, method, route, ids | around, body) == absent, (method, body, ids)
        if is_refused:
            return


def _of_any_kind(ids: Mapping[str, str], leaf: str) -> Iterator[dict[str, str]]:
    """Each kind of id for every parameter, one no database can hold, and an absurd one."""
    for value in (*set(ids.values()), f"{ids['message_id']}%00", "%F0%9F%92%A9" * 500):
        yield dict.fromkeys((*ids, leaf), value)


def _answer(
    api: ApiClient, method: str, route: str, ids: Mapping[str, str], body: object
) -> tuple[object, ...]:
    path = "/" + PARAMETER.sub(partial(_id, ids), route)
    response = (api.send if method == "HEAD" else api.call)(method, path, body)
    headers = [header for header in response.headers.items() if header[0] != "X-Request-ID"]
    return response.status_code, response.content, sorted(headers)


def _id(ids: Mapping[str, str], parameter: re.Match[str]) -> str:
    return ids.get(parameter[1], ABSENT)
