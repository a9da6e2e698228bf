"""A request as Django sees it: what anybody can send does not pass for the word of a proxy."""

from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from pytest_django.fixtures import Settings

from config.serving.environ import environ_of


def request(*headers: tuple[bytes, bytes]) -> WSGIRequest:
    scope: dict[str, Any] = {
        "method": "GET",
        "raw_path": b"/api/v1/messages",
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("192.0.2.1", 5000),
        "headers": [(b"host", b"localhost"), *headers],
    }
    return WSGIRequest(environ_of(scope, BytesIO()))


@pytest.fixture
def proxied(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("sent", "is_secure"),
    [
        ((b"https",), True),
        ((b"http",), False),
        ((b"https", b"http"), False),
        ((b"https, http",), False),
        ((b"http", b"https"), True),
        ((b"HTTPS",), False),
        ((), False),
    ],
)
def test_tls_is_what_the_last_proxy_says(proxied: None, sent: tuple[bytes, ...], is_secure: bool):
    made = request(*[(b"x-forwarded-proto", value) for value in sent])
    assert made.is_secure() is is_secure


@pytest.mark.parametrize("name", [b"x_forwarded_proto", b"x-forwarded_proto", b"x_forwarded-proto"])
def test_a_name_with_an_underscore_is_none_of_a_proxy(proxied: None, name: bytes):
    assert not request((name, b"https")).is_secure()


def test_without_a_proxy_nobody_says_so(settings: Settings):
    settings.SECURE_PROXY_SSL_HEADER = None
    made = request((b"x-forwarded-proto", b"https"), (b"x-forwarded-ssl", b"on"), (b"front-end-https", b"on"))
    assert not made.is_secure()
    assert request((b"x-forwarded-host", b"evil.example")).get_host() == "localhost"
    assert request((b"x-forwarded-port", b"443")).get_port() == "80"


def test_headers_that_are_repeated_are_joined():
    made = request((b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x"), (b"accept", b"y"))
    assert made.COOKIES == {"a": "1", "b": "2"}
    assert made.headers["Accept"] == "x,y"
