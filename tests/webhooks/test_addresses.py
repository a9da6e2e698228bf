"""Which URLs are sent to: public addresses, however they are spelt, and networks that a setting lists."""

import socket
from collections.abc import Callable

import pytest

from messaging.exceptions import InvalidValue
from messaging.services import create_webhook
from messaging.values.addresses import AddressRefused, addresses_of, require_allowed, target_of
from messaging.webhooks.sending import post

Resolve = Callable[..., None]


@pytest.fixture(autouse=True)
def no_networks(settings) -> None:
    settings.PARLEY = settings.PARLEY | {"WEBHOOK_NETWORKS": []}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Has names stand for these addresses, the last of several at the last; returns what was asked for."""
    original, asked = socket.getaddrinfo, []

    def stand_for(*answers: list[str]) -> list[str]:
        remaining = list(answers)

        def resolve(host, port, *args, **kwargs):
            if host.replace(".", "").isdecimal() or ":" in host:
                return original(host, port, *args, **kwargs)
            asked.append(host)
            addresses = remaining.pop(0) if len(remaining) > 1 else remaining[0]
            return [
                (
                    socket.AF_INET6 if ":" in address else socket.AF_INET,
                    kwargs["type"],
                    6,
                    "",
                    (address, port),
                )
                for address in addresses
            ]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return stand_for


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "2852039166",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:10.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2002:a00:1::1]",
        "[2001:0:7f00:1::1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001:db8::1]",
    ],
)
@pytest.mark.parametrize("port", ["", ":8443"])
def test_what_is_not_public_is_refused(host: str, port: str):
    with pytest.raises(AddressRefused, match=r"public address"):
        require_allowed(f"https://{host}{port}/hook")


@pytest.mark.parametrize("host", ["8.8.8.8", "[2606:4700::1111]", "[::ffff:8.8.8.8]", "[64:ff9b::808:808]"])
def test_what_is_public_is_allowed(host: str):
    require_allowed(f"https://{host}/hook")
    with pytest.raises(AddressRefused, match="https"):
        require_allowed(f"http://{host}/hook")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "//example.com",
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "https://",
        "https:///hook",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://@example.com/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://example.com/a b",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nX: y",
        "https://exämple.com/",
        "https://[::1/",
        "https://example.com/" + "x" * 2_000,
    ],
)
def test_what_is_no_url_for_this_is_refused(url: str):
    with pytest.raises(AddressRefused):
        require_allowed(url)


def test_a_name_is_as_good_as_the_worst_of_its_addresses(names):
    names(["8.8.8.8", "10.0.0.1"])
    with pytest.raises(AddressRefused):
        require_allowed("https://example.com/")


def test_the_refusal_does_not_tell_what_a_name_stands_for(names):
    names(["10.9.8.7"])
    with pytest.raises(AddressRefused) as refused:
        require_allowed("https://intranet.example.com/")
    assert "10.9.8.7" not in str(refused.value)


def test_a_name_that_does_not_resolve_now_may_later():
    require_allowed("https://nowhere.invalid/")


@pytest.mark.parametrize("listed", ["127.0.0.0/8", "127.0.0.1/32"])
def test_a_listed_network_is_allowed_and_needs_no_tls(settings, listed: str):
    settings.PARLEY = settings.PARLEY | {"WEBHOOK_NETWORKS": ["fd00::/8", listed]}
    for host in ("127.0.0.1", "[::ffff:127.0.0.1]"):
        require_allowed(f"http://{host}:8000/")
    with pytest.raises(AddressRefused):
        require_allowed("http://10.0.0.1/")


def test_the_address_that_was_checked_is_the_one_that_is_called(names, monkeypatch):
    """A name that stands for another address a moment later leads nowhere else."""
    asked = names(["8.8.8.8"], ["127.0.0.1"])
    called: list[tuple[str, int]] = []

    def connect(address, timeout):
        called.append(address)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    reply = post("https://rebinding.example.com/", b"{}", {}, seconds=5)
    assert (reply.error, called, asked) == ("refused", [("8.8.8.8", 443)], ["rebinding.example.com"])


def test_a_name_that_went_private_since_is_not_called(names, monkeypatch):
    names(["8.8.8.8"], ["10.0.0.1"])
    require_allowed("https://rebinding.example.com/")
    monkeypatch.setattr(socket, "create_connection", None)
    reply = post("https://rebinding.example.com/", b"{}", {}, seconds=5)
    assert reply.status is None
    assert "public address" in reply.error


@pytest.mark.django_db
def test_a_webhook_that_is_refused_is_not_made(acme):
    with pytest.raises(InvalidValue):
        create_webhook(workspace_id=acme.workspace.pk, url="https://10.0.0.1/")


def test_the_host_header_names_the_port_where_it_is_no_usual_one():
    assert target_of("https://example.com/").authority == "example.com"
    assert target_of("https://example.com:8443/").authority == "example.com:8443"
    assert target_of("https://[2606:4700::1111]:8443/a?b").authority == "[2606:4700::1111]:8443"
    assert target_of("https://[2606:4700::1111]:8443/a?b").path == "/a?b"


def test_all_addresses_of_a_name_are_tried(names, monkeypatch):
    names(["8.8.8.8", "8.8.4.4"])
    assert addresses_of(target_of("https://example.com/")) == ["8.8.8.8", "8.8.4.4"]
    tried: list[str] = []

    def connect(address, timeout):
        tried.append(address[0])
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    post("https://example.com/", b"{}", {}, seconds=5)
    assert tried == ["8.8.8.8", "8.8.4.4"]
