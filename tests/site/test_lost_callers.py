"""Who calls the service where nothing is, or by a name that it does not know, is told where to go."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def anybody() -> Client:
    return Client(SERVER_NAME="localhost")


@pytest.mark.parametrize("path", ["/messages", "/v2/messages", "/threads/", "/openapi.json"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_program_is_told_where_the_wires_are(anybody: Client, method: str, path: str):
    response = anybody.generic(
        method, path, b"{}", content_type="application/json", headers={"Accept": "*/*"}
    )
    assert response.status_code == 404
    detail = response.json()["detail"]
    assert "/api/v1/ and /v1/" in detail
    assert "/api/docs" in detail


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_who_writes_to_the_root_is_told_where_the_wires_are(method: str):
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    response = strict.generic(method, "/", b"{}", content_type="application/json")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert "/api/v1/ and /v1/" in response.json()["detail"]


def test_a_browser_gets_a_page(anybody: Client):
    response = anybody.get("/nothing", headers={"Accept": "text/html,*/*"})
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/", "/api/schema/"])
def test_the_documentation_with_a_slash(anybody: Client, path: str):
    with_slash, without = anybody.get(path), anybody.get(path.rstrip("/"))
    assert (with_slash.status_code, with_slash["Content-Type"]) == (200, without["Content-Type"])
    assert with_slash["Content-Security-Policy"] == without["Content-Security-Policy"]


def test_a_page_for_a_host_that_is_not_ours(client: Client):
    response = client.get("/", SERVER_NAME="evil.example")
    assert (response.status_code, response["Content-Type"]) == (400, "text/plain")
    assert b"ALLOWED_HOSTS" in response.content
