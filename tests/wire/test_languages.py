"""Answers of the wires are the same bytes whatever language a host, or the caller, prefers."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from tests.cast import Tenant
from tests.client import ApiClient
from tests.wire.test_transcript import test_transcript as hold_talk

pytestmark = pytest.mark.django_db

REFUSED: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/api/v1/messages/msg_unknown", None),
    ("GET", "/api/v1/messages?limit=many&created_after=yesterday", None),
    ("POST", "/api/v1/messages", {"content": [{"role": 5}]}),
    ("POST", "/api/v1/messages", b"{"),
    ("PUT", "/api/v1/messages", {}),
    ("GET", "/v1/threads/unknown/messages", None),
    ("GET", "/v1/threads/unknown/messages?limit=-1&order=up", None),
    ("POST", "/v1/threads/unknown/messages", {"role": "assistant", "content": ""}),
    ("DELETE", "/v1/threads", None),
    ("GET", "/api/v1/nowhere", None),
)


@pytest.fixture
def german(settings: Any, api: ApiClient) -> Iterator[None]:
    """A host that speaks German, and a caller who asks for it."""
    settings.LANGUAGE_CODE, settings.USE_I18N, settings.USE_THOUSAND_SEPARATOR = "de", True, True
    api.headers["Accept-Language"] = "de"
    with translation.override("de"):
        yield


def refusals(api: ApiClient) -> list[tuple[int, bytes]]:
    answers = [api.send(method, path, body) for method, path, body in REFUSED]
    return [(answer.status_code, answer.content) for answer in answers]


def test_a_long_talk_is_the_same(german: None, api: ApiClient, acme: Tenant, globex: Tenant):
    hold_talk(api, acme, globex)


def test_refusals_are_the_same(api: ApiClient, settings: Any):
    english = refusals(api)
    settings.LANGUAGE_CODE, settings.USE_I18N = "de", True
    api.headers["Accept-Language"] = "de"
    with translation.override("de"):
        assert refusals(api) == english


def test_refusals_of_strangers_are_the_same(settings: Any):
    stranger = ApiClient("parley_unknown")
    english = refusals(stranger)
    settings.LANGUAGE_CODE, settings.USE_I18N = "de", True
    with translation.override("de"):
        assert refusals(stranger) == english
