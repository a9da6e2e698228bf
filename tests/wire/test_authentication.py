"""Who may come in: every spelling of a key, and one answer for every miss."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import ApiKey
from messaging.values.keys import (
    BASE62,
    make_key,
    matches,
    public_prefix,
)
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/auth/session"
INVALID = b'{"detail":"Invalid API key"}'


def call(**headers: str):
    return ApiClient(None).get(PATH, **headers)


@pytest.mark.wire("mielto", "get_session", "Bearer KEY, KEY, X-API-Key: KEY, or both headers with one value")
@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer {}"},
        {"authorization": "bearer {}"},
        {"authorization": "BEARER   {} "},
        {"authorization": "{}"},
        {"x_api_key": "{}"},
        {"x_api_key": " {} "},
        {"authorization": "Bearer {}", "x_api_key": "{}"},
        {"authorization": "{}", "x_api_key": "{}"},
        {"authorization": "", "x_api_key": "{}"},
        {"authorization": "Bearer ", "x_api_key": "{}"},
        # as they are pasted
        {"authorization": 'Bearer "{}"'},
        {"authorization": "'{}'"},
        {"authorization": "Bearer Bearer {}"},
        {"authorization": '"Bearer {}"'},
        {"x_api_key": '"{}"'},
        {"x_api_key": "Bearer {}"},
    ],
)
def test_a_key_may_come_as(acme: Tenant, headers):
    given = {name: value.format(acme.secret) for name, value in headers.items()}
    response = call(**given)
    assert response.status_code == 200
    assert response.json()["workspace"]["id"] == acme.workspace.pk


@pytest.mark.wire("mielto", "get_session", "no key at all is 401 with a challenge")
@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"authorization": "Bearer "}, {"x_api_key": " "}]
)
def test_no_key_is_refused(db: None, headers):
    response = call(**headers)
    assert (response.status_code, response.content) == (401, b'{"detail":"Not authenticated"}')
    assert response["WWW-Authenticate"] == "Bearer"


def altered(secret: str, position: int) -> str:
    """The key with one character changed."""
    other = BASE62[(BASE62.index(secret[position]) + 1) % 62]
    return secret[:position] + other + secret[position:][1:]


@pytest.mark.wire("mielto", "get_session", "one 401 for every miss: malformed, unknown, wrong")
@pytest.mark.parametrize(
    "text",
    [
        "x",
        "parley_",
        "Basic dXNlcjpwYXNz",
        "{secret}x",
        "x{secret}",
        "{secret} {secret}",
        "{wrong}",
        "{prefix}",
        "{unknown}",
        "{upper}",
        "{digest}",
        "é",
    ],
)
def test_a_key_that_is_none_is_refused(acme: Tenant, text):
    spelled = text.format(
        secret=acme.secret,
        wrong=altered(acme.secret, 20),
        prefix=acme.secret[:15],
        unknown=make_key().text,
        upper=acme.secret.upper(),
        digest=acme.api_key.digest,
    )
    for headers in ({"authorization": f"Bearer {spelled}"}, {"x_api_key": spelled}):
        response = call(**headers)
        assert (response.status_code, response.content) == (401, INVALID)


def test_the_secret_of_one_key_does_not_open_another(acme: Tenant, globex: Tenant):
    ApiKey.objects.filter(pk=globex.api_key.pk).update(digest="0" * 64)
    response = call(authorization=globex.secret)
    assert (response.status_code, response.content) == (401, INVALID)


@pytest.mark.wire("mielto", "get_session", "two different keys are 401, be both valid")
def test_two_different_keys_are_refused(acme: Tenant, globex: Tenant):
    response = call(authorization=f"Bearer {acme.secret}", x_api_key=globex.secret)
    assert (response.status_code, response.content) == (401, INVALID)


@pytest.mark.wire("mielto", "get_session", "a revoked key is 401 like an unknown one")
def test_an_inactive_key_is_refused(acme: Tenant):
    ApiKey.objects.filter(pk=acme.api_key.pk).update(status="inactive")
    response = call(authorization=acme.secret)
    assert (response.status_code, response.content) == (401, INVALID)


@pytest.mark.wire("mielto", "get_session", "an expired key is 401 like an unknown one")
@pytest.mark.parametrize(("seconds", "status"), [(-1, 401), (60, 200)])
def test_an_expired_key_is_refused(acme: Tenant, seconds, status):
    ApiKey.objects.filter(pk=acme.api_key.pk).update(expires_at=timezone.now() + timedelta(seconds=seconds))
    response = call(authorization=acme.secret)
    assert response.status_code == status
    assert status == 200 or response.content == INVALID


def test_a_miss_is_not_noted_as_use(acme: Tenant):
    ApiKey.objects.filter(pk=acme.api_key.pk).update(last_used_at=None)
    call(authorization=altered(acme.secret, 20))
    assert ApiKey.objects.get(pk=acme.api_key.pk).last_used_at is None


def test_a_miss_is_told_before_anything_else(acme: Tenant, globex: Tenant):
    """Neither the workspace, nor the method, nor the body is looked at for a stranger."""
    nobody = ApiClient("wrong", x_workspace_id=globex.workspace.pk)
    for method, path, body in (
        ("GET", f"/api/v1/messages/{acme.reply.pk}", None),
        ("POST", "/api/v1/messages", "{"),
        ("DELETE", "/api/v1/messages", None),
    ):
        assert nobody.call(method, path, body).content == INVALID


def test_a_session_of_the_site_does_not_come_in(admin_user):
    nobody = ApiClient(None)
    nobody.client.force_login(admin_user)
    assert nobody.get(PATH).status_code == 401


def test_a_key_is_known_by_its_form():
    text, prefix = make_key()
    assert (len(text), text[:7], text[7:15], text[15]) == (54, "parley_", prefix, "_")
    assert public_prefix(text) == prefix
    assert all(public_prefix(altered(text, position)) is None for position in (7, 20, 53))


def test_a_key_matches_its_own_digest_alone(acme: Tenant, globex: Tenant):
    assert matches(acme.secret, acme.api_key.digest)
    assert not matches(globex.secret, acme.api_key.digest)
