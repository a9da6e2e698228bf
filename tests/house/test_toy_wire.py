"""A further wire is one folder and one line: mounted beside the others, it has all that they have."""

import json
import time
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver
from django.urls.resolvers import RegexPattern
from pytest_django import Settings

from config.serving.reasons import Late
from config.serving.refusing import refuse
from config.urls import handler400, handler404, handler500  # noqa: F401  of this table, too
from config.wires import dialects
from messaging.models import Conversation
from messaging.wire.dialect import Dialect
from messaging.wire.errors import HOST_UNKNOWN
from messaging.wire.routes import mount
from messaging.wire.schema import openapi_document
from tests import markers
from tests.baseline import hold_statements, operations
from tests.cast import Tenant
from tests.client import ApiClient, statements
from tests.house import toy
from tests.house.toy import TOY
from tests.isolation import hold_isolation, routes_with_ids
from tests.wires import documented

pytestmark = pytest.mark.django_db

CHATS = "/v1/toy/chats"

# The one line, and the table of routes of a site that has it.
urlpatterns = mount([*dialects(), TOY])


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    settings.WIRES = [*settings.WIRES, "tests.house.toy.TOY"]


def error(response: Any) -> tuple[int, str, str]:
    """(status, message, code) of a refusal in the toy's shape."""
    assert response["Content-Type"] == "application/json"
    told = json.loads(response.content)["error"]
    return response.status_code, told["message"], told["code"]


class TestOperations:
    """Every answer is held against the document by the client."""

    def test_they_work(self, api: ApiClient):
        chat = api.post(CHATS, {"title": "hello"}).json()
        assert api.get(f"{CHATS}/{chat['id']}/").json() == chat

    def test_a_time_is_written_as_the_wire_writes_it(self, api: ApiClient, acme: Tenant):
        assert abs(api.post(CHATS, {"title": "now"}).json()["created_at"] - time.time()) < 60
        opened = api.get(f"{CHATS}/{acme.conversation.pk}").json()["created_at"]
        assert opened == int(acme.conversation.created_at.timestamp())

    @pytest.mark.parametrize("query", ["hide[]=title", "hide[]=title&hide[]=x", "hide%5B%5D=title"])
    def test_a_parameter_may_be_repeated(self, api: ApiClient, acme: Tenant, query: str):
        assert api.get(f"{CHATS}/{acme.conversation.pk}?{query}").json()["title"] is None

    def test_a_body_may_be_left_out(self, api: ApiClient):
        assert api.post(CHATS).json()["title"] is None

    def test_what_one_wire_writes_another_reads(self, api: ApiClient, acme: Tenant):
        assert api.get(f"{CHATS}/{acme.conversation.pk}").json()["title"] == "acme opening hours"

    def test_a_retry_is_answered_as_the_first_time(self, api: ApiClient):
        first, again = (api.post(CHATS, {"title": "x"}, idempotency_key="k") for _ in range(2))
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")


class TestErrors:
    def test_what_does_not_exist_has_the_wires_own_noun(self, api: ApiClient):
        absent = api.get(f"{CHATS}/conv_none")
        assert error(absent) == (404, "Chat not found", "conversation_not_found")

    @pytest.mark.parametrize("body", [[], {"title": 1}, "{"])
    def test_a_body_that_does_not_fit_is_400(self, api: ApiClient, body: object):
        status, message, code = error(api.post(CHATS, body))
        assert (status, code) == (400, "invalid")
        assert message

    def test_no_key(self, acme: Tenant):
        response = ApiClient(None).get(f"{CHATS}/x")
        assert error(response) == (401, "Not authenticated", "unauthenticated")
        assert response["WWW-Authenticate"] == "Bearer"

    def test_a_method_that_is_none(self, api: ApiClient):
        assert error(api.delete(CHATS))[0] == 405

    @pytest.mark.parametrize("path", ["/v1/toy", "/v1/toy/", "/v1/toy/nothing", "/v1/toy/chats/x/y"])
    def test_a_path_of_no_operation(self, api: ApiClient, path: str):
        assert error(api.get(path)) == (404, "Not Found", "not_found")

    def test_a_host_that_is_not_ours(self, client: Client):
        told = error(client.get(CHATS, SERVER_NAME="evil.example"))
        assert told == (400, HOST_UNKNOWN, "host_unknown")

    def test_a_fault_outside_the_views(self, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object) -> None:
            raise RuntimeError

        monkeypatch.setattr("django.middleware.common.CommonMiddleware.process_request", fail)
        response = Client(SERVER_NAME="localhost", raise_request_exception=False).get(CHATS)
        assert error(response) == (500, "Internal Server Error", "internal_error")

    def test_an_overloaded_service(self):
        answer = refuse(CHATS, Late(2.1))
        told = json.loads(answer.body)["error"]
        assert (answer.status, told["message"]) == (503, "The service is overloaded")
        assert told["code"] == "overloaded"
        assert dict(answer.headers)[b"Retry-After"] == b"2"


class TestDocument:
    def test_it_shows_the_operations(self):
        assert [str(each) for each in documented(TOY)] == [
            "POST /v1/toy/chats",
            "GET /v1/toy/chats/{conversation_id}",
        ]

    def test_it_shows_the_errors_of_the_wire(self):
        [create, _] = documented(TOY)
        assert set(create.facts["responses"]) == {
            "200",
            "400",
            "401",
            "403",
            "404",
            "413",
            "415",
            "429",
            "503",
        }
        for status in ("400", "404"):
            content = create.facts["responses"][status]["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ToyRefusal"}

    def test_it_shows_security_and_headers_of_the_wire(self):
        [create, _] = documented(TOY)
        assert create.facts["security"] == [{"ToyKey": []}]
        assert "x-toy-version" in {parameter["name"] for parameter in create.facts["parameters"]}
        assert openapi_document()["components"]["securitySchemes"]["ToyKey"]["scheme"] == "bearer"

    def test_the_other_wires_stay_as_they_are(self, settings: Settings):
        both = openapi_document()["paths"]
        settings.ROOT_URLCONF = "config.urls"
        alone = openapi_document()["paths"]
        assert {path: facts for path, facts in both.items() if not path.startswith("/v1/toy/")} == alone


def test_forty_lines_are_enough():
    lines = Path(toy.__file__).read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 45


class TestRules:
    """The rules that the suite holds every wire to see the operations of this one."""

    def test_markers(self):
        toys = {operation for product, operation in markers.operations() if product == "toy"}
        assert toys == {"open_chat", "get_chat"}
        assert not {key for key in markers.proven() if key[0] == "toy"}

    def test_baselines(self, api: ApiClient, acme: Tenant, tmp_path: Path):
        assert operations(TOY) == {"open_chat", "get_chat"}
        recorded = tmp_path / "statements.json"
        recorded.write_text('{"get_chat": 2}')
        api.get(f"{CHATS}/x")
        with CaptureQueriesContext(connection) as context:
            api.get(f"{CHATS}/{acme.conversation.pk}")
        hold_statements(recorded, "get_chat", len(statements(context)))

    @pytest.mark.parametrize("route", routes_with_ids(TOY))
    def test_isolation(self, api: ApiClient, acme: Tenant, globex: Tenant, route: str):
        hold_isolation(api, acme, globex, route)

    def test_isolation_would_notice(self, api: ApiClient, acme: Tenant, globex: Tenant, monkeypatch):
        """A view that finds what is another's."""
        both = Conversation.objects.filter(workspace_id__in=[acme.workspace.pk, globex.workspace.pk])
        monkeypatch.setattr("tests.house.toy.ChatViewSet.get_queryset", lambda view: both)
        with pytest.raises(AssertionError):
            hold_isolation(api, acme, globex, "v1/toy/chats/<str:conversation_id>")


MIELTO, SEEKRFLOW = dialects()[:2]
NEIGHBOURS = [
    SEEKRFLOW,
    TOY,
    replace(TOY, prefix="v1/"),
    replace(MIELTO, prefix="v1/toy/deeper/"),
]


@pytest.mark.parametrize("order", list(permutations(NEIGHBOURS)), ids=range(24))
def test_no_wire_hides_another_in_whatever_order_they_are_mounted(order: tuple[Dialect, ...]):
    """Below a longer prefix, and even below the same."""
    routes = URLResolver(RegexPattern("^/"), mount(order))
    for path, view in {
        "/v1/threads": "ThreadViewSet",
        "/v1/chats": "ChatViewSet",
        "/v1/toy/chats": "ChatViewSet",
        "/v1/toy/deeper/messages": "MessageViewSet",
    }.items():
        assert routes.resolve(path).func.__name__ == view
    for path in ("/v1/toy/deeper/nothing", "/v1/toy/threads", "/v1/nothing\n", "/v1/"):
        assert routes.resolve(path).func.__name__ == "not_found"
