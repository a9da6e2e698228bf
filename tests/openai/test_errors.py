"""Errors in the vendor's shape, whoever refuses: a view, the routes, or the door of the server."""

import json
from typing import Any

import pytest

from config.serving.reasons import Away, Full, Late, TooLarge, TooSlow, UrlTooLong
from config.serving.refusing import refuse
from messaging.sql.confirmation import CommitUnconfirmed
from messaging.wire.errors import classify
from tests.cast import Tenant
from tests.client import ApiClient
from threads.openai.dialect import OPENAI

from .conftest import CONVERSATIONS

KEYS = {"message", "type", "param", "code"}


def told(response: Any) -> tuple[int, str, str, str]:
    error = json.loads(response.content)["error"]
    assert set(error) == KEYS
    assert error["message"]
    return response.status_code, error["type"], error["code"], response["x-should-retry"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/conversations/x/y", "/threads/x/y/z"])
def test_a_path_of_no_operation(api: ApiClient, path: str):
    expected = (404, "invalid_request_error", "not_found", "false")
    assert told(api.get(f"/openai/v1{path}")) == expected


@pytest.mark.wire("openai", "retrieve_a_conversation", "no key is 401 invalid_api_key, with a challenge")
def test_no_key(acme: Tenant):
    response = ApiClient(None).get(f"{CONVERSATIONS}/x")
    assert told(response) == (401, "invalid_request_error", "invalid_api_key", "false")
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_key_that_may_not(client_with: Any, acme: Tenant):
    response = client_with("read").post(CONVERSATIONS)
    assert told(response) == (403, "invalid_request_error", "permission_missing", "false")


@pytest.mark.wire("openai", "create_a_conversation", "JSON that is none is 400 invalid_json")
def test_a_body_that_is_no_json(api: ApiClient):
    assert told(api.post(CONVERSATIONS, "{"))[::2] == (400, "invalid_json")


def test_a_method_that_is_none(api: ApiClient):
    assert told(api.put(CONVERSATIONS, {}))[::2] == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("error", "status", "code", "retry"),
    [
        (TooLarge(10), 413, "body_too_large", "false"),
        (UrlTooLong(), 414, "url_too_long", "false"),
        (TooSlow(), 408, "body_too_slow", "true"),
        (Late(2.0), 503, "overloaded", "true"),
        (Full(), 503, "overloaded", "true"),
        (Away(), 503, "database_unavailable", "true"),
    ],
)
def test_what_the_door_refuses(error: Exception, status: int, code: str, retry: str):
    answer = refuse(CONVERSATIONS, error)
    shown = json.loads(answer.body)["error"]
    assert (answer.status, shown["code"], set(shown)) == (status, code, KEYS)
    assert dict(answer.headers)[b"x-should-retry"] == retry.encode()


def test_what_may_be_stored_is_not_to_be_repeated():
    """The client would store it twice."""
    response = OPENAI.refuse(classify(CommitUnconfirmed("lost")))
    assert told(response) == (503, "server_error", "commit_unconfirmed", "false")
    fault = OPENAI.refuse(classify(RuntimeError()))
    assert told(fault) == (500, "server_error", "internal_error", "false")
