"""Where no view is reached: JSON under an API path, a page elsewhere."""

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from messaging.exceptions import StorageUnavailable
from messaging.wire.errors import HOST_UNKNOWN


@pytest.fixture
def anybody() -> Client:
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


def detail(response: Any) -> Any:
    assert response["Content-Type"] == "application/json"
    return response.status_code, response.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v9/messages", "/api", "/v1", "/v1/nothing"])
def test_a_path_of_no_operation_is_404_in_json(anybody: Client, path: str):
    assert detail(anybody.get(path)) == (404, "Not Found")


def test_the_prefix_alone_is_404_in_the_shape_of_its_wire(anybody: Client):
    assert anybody.get("/openai/v1").json()["error"]["code"] == "not_found"


def test_a_host_that_is_not_ours_is_400_in_json(anybody: Client):
    assert detail(anybody.get("/api/v1/messages", SERVER_NAME="evil.example")) == (400, HOST_UNKNOWN)


def test_a_fault_of_a_middleware_is_500_in_json(anybody: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("django.middleware.common.CommonMiddleware.process_request", fail)
    assert detail(anybody.get("/api/v1/messages")) == (500, "Internal Server Error")


def test_elsewhere_it_is_a_page(anybody: Client):
    response = anybody.get("/nowhere")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed"), StorageUnavailable()])
@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/parley/message/"])
def test_while_the_database_is_away_a_page_says_so(
    anybody: Client, monkeypatch: pytest.MonkeyPatch, path: str, error: Exception
):
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)
    monkeypatch.setattr("django.contrib.auth.middleware.get_user", fail)
    response = anybody.get(path)
    assert (response.status_code, response["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"
    text = response.content.decode()
    assert "<h1>Not available</h1>" in text
    assert "Traceback" not in text
    assert str(error) not in text
