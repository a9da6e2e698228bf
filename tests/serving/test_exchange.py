"""A request as the log tells of it: whose it is, behind a proxy too."""

from typing import Any, cast

import pytest
from pytest_django.fixtures import Settings

from config.serving.door import Door
from config.serving.exchange import Exchange

PEER, CLIENT = "192.0.2.1", "198.51.100.7"


def exchange(*forwarded: bytes) -> Exchange:
    """A request of the peer, with these headers of a proxy."""
    scope: dict[str, Any] = {
        "path": "/livez",
        "method": "GET",
        "client": (PEER, 5000),
        "headers": [(b"x-forwarded-for", value) for value in forwarded],
    }
    unused = cast(Any, None)
    return Exchange(scope, unused, unused, cast(Door, None))


def test_a_header_that_anybody_can_send_names_no_client(settings: Settings):
    settings.BEHIND_PROXY = False
    assert exchange(CLIENT.encode()).client == PEER


@pytest.mark.parametrize(
    "forwarded",
    [
        (CLIENT.encode(),),
        (b"203.0.113.9, " + CLIENT.encode(),),
        (b"203.0.113.9", CLIENT.encode()),
    ],
)
def test_behind_a_proxy_it_is_whom_the_proxy_added_last(settings: Settings, forwarded: tuple[bytes, ...]):
    settings.BEHIND_PROXY = True
    assert exchange(*forwarded).client == CLIENT


@pytest.mark.parametrize("forwarded", [b"", b'x" 200', b"unknown", b"1.2.3.4,", b"1" * 50])
def test_what_is_no_address_is_not_told(settings: Settings, forwarded: bytes):
    settings.BEHIND_PROXY = True
    assert exchange(forwarded).client == PEER
