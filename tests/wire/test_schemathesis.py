"""Requests made up from our own document, good and bad, in the process of the test.

`schemathesis` runs all its checks but the few below. The default suite takes a few examples of each
operation; `make edges` every parameter and member at its edges; the drill (`-m drill`) 200 examples, and
as many about things that are there.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.urls import resolve
from hypothesis import HealthCheck, Phase, settings
from jsonschema_rs import Draft202012Validator
from pydantic import ValidationError
from schemathesis import Case
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.pytest.lazy import get_all_tests

from messaging.models import StoredObject
from messaging.services import (
    MessageDraft,
    Writer,
    append_run_messages,
    create_conversation,
    create_run,
)
from messaging.wire.events import EVENT_STREAM
from messaging.wire.operations import operation_of
from messaging.wire.schema import openapi_document
from tests.cast import Tenant
from tests.isolation import ids_of

pytestmark = pytest.mark.django_db

# Switched off, and why:
OFF = {
    # Limits of our own are left out of the document, which is the vendor's (lengths of ids, allow-lists
    # of orders, cursors); and a path parameter is any text. So a sound request may well be 404 or 422,
    # which is 400 on OpenAI's wire.
    "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "403", "404", "409", "422"]},
    # FastAPI takes "5" and 5.0 for a whole number, 1 for true, a number for a moment, and so do we; and
    # what is no parameter of ours (another header, another name) is ignored by both. Of bodies
    # `coerced_if_taken` makes the same check for all else.
    "negative_data_rejection": {"enabled": False},
}
FEW, MANY = 3, 200

Send = Callable[[Case[Any]], None]


OPERATIONS = [
    f"{method.upper()} {path}" for path, methods in openapi_document()["paths"].items() for method in methods
]


@cache
def schema_with(mode: str, edges: bool) -> Any:
    """The document as what requests are made of, `edges` whether every value is also tried at its edges:
    about a hundred requests an operation."""
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"mode": mode},
            "checks": OFF,
            "phases": {"coverage": {"enabled": edges}},
            "analysis": {"constants": {"enabled": edges}},
        }
    )
    schema = schemathesis.openapi.from_dict(document_for_streams(), config=config)
    schema.app = WSGIHandler()
    return schema


def document_for_streams() -> Any:
    """The document without the schema of event streams, which is that of the whole body: schemathesis takes
    it for that of each event."""
    document = deepcopy(openapi_document())
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for answer in (answer for operation in operations for answer in operation["responses"].values()):
        answer.get("content", {}).get(EVENT_STREAM, {}).pop("schema", None)
    return document


@pytest.fixture(params=OPERATIONS)
def operation(request: pytest.FixtureRequest) -> str:
    """Method and path of one operation."""
    return str(request.param)


def try_out(operation: str, mode: str, count: int, send: Send, edges: bool = True) -> None:
    """Make up requests of one operation and send them: the same in every run unless it is a drill.

    The test itself makes them up, for to make up all while tests are collected would burden every run.
    """
    load_all_checks()
    method, path = operation.split()
    example = settings(
        max_examples=count,
        derandomize=count < MANY,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def test(case: Case[Any]) -> None:
        send(case)

    schema = schema_with(mode, edges).include(method=method, path=path)
    [made] = get_all_tests(schema=schema, test_func=test, settings=example, given_kwargs=None)
    assert isinstance(made, Ok), made
    _, sends = made.ok()
    sends()


def coerced_if_taken(case: Case[Any]) -> None:
    """Raise AssertionError for a body that is taken against the document, unless pydantic has coerced it:
    a strict model refuses what a lax one turns into what the document says."""
    method, path = case.method.upper(), case.operation.path
    if not isinstance(case.body, dict) or body_schema(method, path).is_valid(case.body):
        return
    view: Any = resolve(re.sub(r"\{\w+\}", "x", path)).func
    operation = operation_of(getattr(view.cls, view.actions[method.lower()]))
    assert operation
    assert operation.body
    with pytest.raises(ValidationError):
        operation.body.model_validate_json(json.dumps(case.body), strict=True)


@cache
def body_schema(method: str, path: str) -> Draft202012Validator:
    """Of the body that an operation takes, as the document has it."""
    document = openapi_document()
    content = document["paths"][path][method.lower()]["requestBody"]["content"]
    return Draft202012Validator(
        content["application/json"]["schema"] | {"components": document["components"]}
    )


@pytest.fixture
def call(acme: Tenant) -> Iterator[Send]:
    """Sends a case with acme's key, holds the answer against every check, and undoes what it wrote."""

    def send(case: Case[Any]) -> None:
        with transaction.atomic():
            response = case.call_and_validate(headers={"Authorization": f"Bearer {acme.secret}"})
            if response.status_code < 300:
                coerced_if_taken(case)
            transaction.set_rollback(True)

    # As Django's own test client does: the connection holds the transaction of the test.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield send
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ids(acme: Tenant) -> dict[str, str]:
    """What is there, by path parameter; `run_id` is a run that holds another thread."""
    workspace_id, writer = acme.workspace.pk, Writer()
    held, _ = create_conversation(workspace_id=workspace_id, writer=writer)
    run = create_run(workspace_id=workspace_id, conversation_id=held.pk, agent_id="librarian")
    result = {"type": "tool-result", "tool_name": "look_up", "output": "x" * 40_000}
    drafts = [MessageDraft(role="tool", parts=[result]), MessageDraft(role="assistant", content="Found.")]
    _, [_, said] = append_run_messages(
        workspace_id=workspace_id,
        conversation_id=held.pk,
        run_id=run.pk,
        drafts=lambda run: drafts,
        writer=writer,
    )
    return ids_of(acme, with_run=False) | {
        "run_id": run.pk,
        "run_thread_id": held.pk,
        "object_id": StoredObject.objects.for_workspace(workspace_id).get().pk,
        "step_id": said.pk.replace("msg", "step"),
    }


def about(ids: dict[str, str], case: Case[Any]) -> Case[Any]:
    """The same case, about things that are there."""
    found = ids | {"thread_id": ids["run_thread_id"]} if "run_id" in case.path_parameters else ids
    case.path_parameters = {name: found[name] for name in case.path_parameters}
    return case


def test_something_is_there_for_every_operation(ids: dict[str, str]):
    assert ids.keys() >= {name for operation in OPERATIONS for name in re.findall(r"{(\w+)}", operation)}


def test_anything(operation: str, call: Send):
    try_out(operation, "all", FEW, call, edges=False)


@pytest.mark.drill
def test_everything_at_its_edges(operation: str, call: Send):
    try_out(operation, "all", FEW, call)


@pytest.mark.drill
@pytest.mark.timeout(900)
def test_anything_at_length(operation: str, call: Send):
    try_out(operation, "all", MANY, call)


@pytest.mark.drill
@pytest.mark.timeout(900)
def test_about_what_is_there_at_length(operation: str, call: Send, ids: dict[str, str]):
    try_out(operation, "positive", MANY, lambda case: call(about(ids, case)))
