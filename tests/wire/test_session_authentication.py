"""A host's own accounts and sessions, by the lines of the README, with the check against forged requests."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from pytest_django import Settings
from rest_framework.request import Request

from messaging.models import Membership, Message
from messaging.wire.auth import Access
from tests.cast import Tenant

pytestmark = pytest.mark.django_db


def access(request: Request) -> Access:
    """As the README has it."""
    member = Membership.objects.filter(user=request.user.pk).first()
    if member is None:
        raise PermissionDenied
    return _access(member, request)


def access_of_whoever_is_a_member(request: Request) -> Access:
    """As people write it who forget that there are others."""
    return _access(Membership.objects.get(user=request.user.pk), request)


def _access(member: Membership, request: Request) -> Access:
    return Access(
        workspace_id=member.workspace_id,
        permissions=frozenset({"read", "write"}),
        identity=f"user:{request.user.pk}",
        owner_id=str(request.user.pk),
    )


@pytest.fixture(autouse=True)
def sessions(settings: Settings) -> None:
    settings.PARLEY = {
        "AUTHENTICATION": "rest_framework.authentication.SessionAuthentication",
        "ACCESS": f"{__name__}.access",
    }
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ]


@pytest.fixture
def person() -> Any:
    return get_user_model().objects.create_superuser("ada", "ada@example.com", "secret")


@pytest.fixture
def client(person: Any) -> Client:
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    client.force_login(person)
    return client


@pytest.fixture
def post(client: Client, settings: Settings) -> Callable[..., Any]:
    """POSTs a message, with the token that a page of the host would send."""
    token = _get_new_csrf_string()
    client.cookies["csrftoken"] = token
    prefix = getattr(settings, "API_PREFIX", "")

    def send(content_type: str = "application/json", **headers: str) -> HttpResponse:
        body = json.dumps({"content": {"content": "hi"}})
        given = {"X-CSRFToken": token} | headers
        path = f"{prefix}/api/v1/messages"
        return client.generic("POST", path, body, content_type=content_type, headers=given)  # type: ignore[return-value]

    return send


def test_a_member_writes(post: Callable[..., Any], person: Any, acme: Tenant):
    Membership.objects.create(user=person, workspace=acme.workspace)
    response = post()
    assert response.status_code == 201, response.content
    [row] = response.json()
    assert row["owner_id"] == str(person.pk)
    assert Message.objects.get(pk=row["id"]).workspace_id == acme.workspace.pk


def test_a_forged_request_is_refused(post: Callable[..., Any], person: Any, acme: Tenant):
    Membership.objects.create(user=person, workspace=acme.workspace)
    before = Message.objects.count()
    response = post(**{"X-CSRFToken": ""})
    assert (response.status_code, response["Content-Type"]) == (403, "application/json")
    assert response.json()["detail"].startswith("CSRF Failed: CSRF token")
    assert "X-CSRFToken" in response.json()["detail"]
    assert Message.objects.count() == before


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "x"])
def test_a_forged_form_is_refused(post: Callable[..., Any], person: Any, acme: Tenant, content_type: str):
    Membership.objects.create(user=person, workspace=acme.workspace)
    assert post(content_type, **{"X-CSRFToken": ""}).status_code == 403


@pytest.mark.parametrize("name", ["access", "access_of_whoever_is_a_member"])
def test_who_belongs_nowhere_is_refused(post: Callable[..., Any], settings: Settings, name: str):
    settings.PARLEY = {**settings.PARLEY, "ACCESS": f"{__name__}.{name}"}
    response = post()
    assert (response.status_code, response.json()) == (403, {"detail": "Forbidden"})


def test_a_stranger_is_not_known(settings: Settings):
    prefix = getattr(settings, "API_PREFIX", "")
    response = Client(SERVER_NAME="localhost").get(f"{prefix}/api/v1/messages")
    assert response.status_code == 401
