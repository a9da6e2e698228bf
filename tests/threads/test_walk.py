"""Every route of the wire, walked with foreign ids and with keys that may do nothing."""

import re
from collections.abc import Callable, Mapping
from functools import partial

import pytest
from django.conf import settings

from messaging.services import create_run
from messaging.wire.routes import not_found
from messaging.wire.schema import openapi_document
from tests.cast import Tenant
from tests.client import ApiClient
from threads.seekrflow.urls import urlpatterns

pytestmark = pytest.mark.django_db

PREFIX = getattr(settings, "API_PREFIX", "")
OPERATIONS = [
    (method.upper(), path.removeprefix(PREFIX))
    for path, methods in openapi_document()["paths"].items()
    for method in methods
    if "/api/" not in path
]
ROUTES = [
    route for entry in urlpatterns if "<" in (route := str(entry.pattern)) and entry.callback is not not_found
]
BODIES = (
    None,
    {"role": "user", "content": "x"},
    {"role": "assistant", "content": "x"},
    {"status": "failed"},
    {"status": 1},
)


def given(ids: Mapping[str, str], found: re.Match[str]) -> str:
    """The id that stands for a parameter of a route."""
    return ids.get(found[1], "absent")


@pytest.mark.wire("seekrflow", "get_thread", "every operation asks for its permission before anything else")
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_key_without_permissions_is_403_everywhere(client_with: Callable[..., ApiClient], method, path):
    response = client_with().call(method, re.sub("{[^}]+}", "x", path))
    assert response.status_code == 403


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_key_is_401_everywhere(acme: Tenant, method, path):
    assert ApiClient(None).call(method, re.sub("{[^}]+}", "x", path)).status_code == 401


@pytest.mark.wire("seekrflow", "get_message", "an id of another workspace answers as one that does not exist")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_foreign_id_is_an_absent_id(api: ApiClient, stranger: ApiClient, globex: Tenant, route, method):
    thread = globex.conversation.pk
    run = create_run(workspace_id=globex.workspace.pk, conversation_id=thread, agent_id="a").pk
    before = stranger.get(f"/v1/threads/{thread}/messages?include_parts=true").content
    foreign = {"thread_id": thread, "message_id": globex.question.pk, "run_id": run}
    for body in BODIES:
        answers = set()
        for ids in (
            foreign,
            {},
            dict.fromkeys(foreign, f"{thread}%00"),
            dict.fromkeys(foreign, "%F0%9F" * 99),
        ):
            path = re.sub(r"<str:(\w+)>", partial(given, ids), route)
            response = api.call(method, f"/v1/{path}", body)
            answers.add((response.status_code, response.content))
        assert len(answers) == 1
        assert answers.pop()[0] in (404, 405, 422)
    assert stranger.get(f"/v1/threads/{thread}/messages?include_parts=true").content == before
    assert stranger.get(f"/v1/threads/{thread}").json()["active_run_id"] == run


def test_the_walks_see_every_operation():
    assert (len(OPERATIONS), len(ROUTES)) == (19, 20)
