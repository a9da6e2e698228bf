"""Ids of another workspace, sent to every route that takes one: the answers are those of absent ids."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from messaging.services import create_webhook
from messaging.services.runs import create_run
from messaging.wire.dialect import Dialect
from messaging.wire.routes import operations_of
from tests.cast import Tenant
from tests.client import ApiClient
from tests.walk import state

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ABSENT = "absent_01h455vb4pex5vsknk084sn02q"
# What some operation takes, and what none does.
BODIES = (
    {"role": "user", "content": "x", "title": "x", "name": "x", "label": "x"},
    {"paused": True},
    {"role": "assistant", "content": "x"},
    {"status": "failed"},
    {"role": 1, "content": 1, "title": 1, "name": 1, "label": 1, "status": 1},
)
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes_with_ids(dialect: Dialect) -> list[str]:
    """The routes of a wire that take an id, prefix included."""
    routes = (dialect.prefix + str(entry.pattern) for entry in operations_of(dialect))
    return [route for route in routes if PARAMETER.search(route)]


def ids_of(tenant: Tenant, *, with_run: bool = True) -> dict[str, str]:
    """An id of the workspace for each parameter that a route may have. A run locks the conversation."""
    ids = {
        "conversation_id": tenant.conversation.pk,
        "thread_id": tenant.conversation.pk,
        "message_id": tenant.question.pk,
        "workspace_id": tenant.workspace.pk,
        "api_key_id": tenant.api_key.pk,
    }
    webhook, _ = create_webhook(workspace_id=tenant.workspace.pk, url="https://example.com/hook")
    ids["webhook_id"] = webhook.pk
    if with_run:
        workspace_id, conversation_id = tenant.workspace.pk, tenant.conversation.pk
        run = create_run(workspace_id=workspace_id, conversation_id=conversation_id, agent_id="a")
        ids["run_id"] = run.pk
    return ids


def hold_isolation(api: ApiClient, own: Tenant, other: Tenant, route: str, method: str) -> None:
    """Raise AssertionError where the route answers an id of `other` unlike one that does not exist.

    Below a conversation of the caller's own, too.
    """
    foreign = ids_of(other)
    before = state(other.workspace.pk)
    for body in (None, *BODIES) if method in ("POST", "PUT", "PATCH") else (None,):
        for around in ({}, {"conversation_id": own.conversation.pk, "thread_id": own.conversation.pk}):
            leaf = PARAMETER.findall(route)[-1]
            if leaf in around:
                continue
            absent = _answer(api, method, route, around, body)
            assert absent[0] in (404, 405, 422)
            for ids in _foreign(foreign, leaf):
                assert _answer(api, method, route, ids | around, body) == absent, ids
    assert state(other.workspace.pk) == before


def _foreign(ids: Mapping[str, str], leaf: str) -> Iterator[dict[str, str]]:
    """Each id for its own parameter, each kind for every one, one no database can hold, and an absurd one."""
    yield dict(ids)
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
