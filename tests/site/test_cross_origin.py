"""Pages of other origins may call the wires where `CORS_ORIGINS` names them, and never otherwise."""

import pytest
from django.conf import settings as project
from django.test import Client
from pytest_django import Settings

from tests.client import ApiClient

pytestmark = pytest.mark.django_db

PAGE = "https://app.example.com"
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,prefer",
}


@pytest.fixture
def opened(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    at = settings.MIDDLEWARE.index("config.middleware.EncryptedWires") + 1
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE[:at],
        "config.cross_origin.CrossOrigin",
        *settings.MIDDLEWARE[at:],
    ]


def test_it_is_off():
    assert not project.CORS_ALLOWED_ORIGINS
    assert "config.cross_origin.CrossOrigin" not in project.MIDDLEWARE
    response = Client().options("/api/v1/messages", headers=PREFLIGHT)
    assert response.status_code == 405 or response.status_code == 401
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.usefixtures("opened")
class TestOpened:
    @pytest.mark.parametrize("path", ["/api/v1/messages", "/v1/threads"])
    def test_a_preflight_needs_no_key(self, path: str):
        response = Client().options(path, headers=PREFLIGHT)
        assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, PAGE)
        allowed = response["Access-Control-Allow-Headers"]
        assert {"authorization", "content-type", "idempotency-key", "prefer"} <= set(allowed.split(", "))
        assert "Access-Control-Allow-Credentials" not in response.headers

    def test_the_headers_of_parley_can_be_read(self, api: ApiClient):
        response = api.send("POST", "/api/v1/conversations", {"titel": 1}, origin=PAGE)
        exposed = response["Access-Control-Expose-Headers"].split(", ")
        assert response.status_code == 201
        assert {"Parley-Ignored", "Idempotent-Replayed", "Retry-After", "X-Request-Id"} <= set(exposed)
        assert response["Access-Control-Allow-Origin"] == PAGE

    def test_a_refusal_can_be_read_too(self):
        response = Client().get("/api/v1/messages", headers={"Origin": PAGE})
        assert (response.status_code, response["Access-Control-Allow-Origin"]) == (401, PAGE)

    def test_another_origin_is_told_nothing(self, api: ApiClient):
        response = api.send("GET", "/api/v1/messages", origin="https://evil.example")
        assert response.status_code == 200
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "origin" in response["Vary"].lower()

    @pytest.mark.parametrize("path", ["/", "/admin/login/", "/readyz"])
    def test_pages_stay_closed(self, path: str):
        response = Client(SERVER_NAME="localhost").get(path, headers={"Origin": PAGE})
        assert "Access-Control-Allow-Origin" not in response.headers
