"""Where no view is reached: JSON under an API path, a page elsewhere."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def anybody() -> Client:
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


def detail(response: Any) -> Any:
    assert response["Content-Type"] == "application/json"
    return response.status_code, response.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v9/messages", "/api", "/v1", "/v1/nothing"])
def test_a_path_of_no_operation_is_404_in_json(anybody: Client, path: str):
    assert detail(anybody.get(path)) == (404, "Not Found")


def test_a_host_that_is_not_ours_is_400_in_json(anybody: Client):
    assert detail(anybody.get("/api/v1/messages", SERVER_NAME="evil.example")) == (400, "Bad Request")


def test_a_fault_of_a_middleware_is_500_in_json(anybody: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("django.middleware.common.CommonMiddleware.process_request", fail)
    assert detail(anybody.get("/api/v1/messages")) == (500, "Internal Server Error")


def test_elsewhere_it_is_a_page(anybody: Client):
    response = anybody.get("/nowhere")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")
