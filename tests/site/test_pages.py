"""The standalone site's pages: they name what this is, and need no other host."""

import re
from typing import Any

import pytest
from django.test import Client

# ReDoc's footer logo is blocked by the page's own policy; its bundle is not a page of ours.
FOREIGN = re.compile(r"""(?:src|href)=["'](?:https?:)?//""")


@pytest.fixture
def browser() -> Client:
    return Client(SERVER_NAME="localhost")


@pytest.mark.parametrize("path", ["/", "/api/docs", "/api/redoc"])
def test_a_page_loads_nothing_from_elsewhere(browser: Client, path: str):
    response = browser.get(path)
    assert response.status_code == 200
    assert not FOREIGN.search(response.content.decode())


def test_the_home_page_links_to_documentation_and_admin(browser: Client):
    page = browser.get("/").content.decode()
    for target in ("/api/docs", "/api/redoc", "/api/schema", "/admin/"):
        assert f'href="{target}"' in page


def test_the_document_is_openapi_3_1(browser: Client):
    document = browser.get("/api/schema").json()
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/messages" in document["paths"]


def test_the_document_is_served_whatever_the_client_accepts(browser: Client):
    response = browser.get("/api/schema", headers={"Accept": "text/html"})
    assert response["Content-Type"] == "application/json"


@pytest.mark.django_db
def test_what_is_not_allowed_says_why_and_where_to_go(browser: Client, django_user_model: type[Any]):
    browser.force_login(django_user_model.objects.create_user("mia", is_staff=True))
    response = browser.get("/admin/parley/message/")
    page = response.content.decode()
    assert response.status_code == 403
    assert "mia</bdi>, has no permission" in page
    assert 'href="/admin/"' in page
    assert not FOREIGN.search(page)
