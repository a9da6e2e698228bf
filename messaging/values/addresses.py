"""Where the service may send what it sends by itself: public addresses, and networks that a setting lists.

A URL is read and its host resolved once. Whoever connects does so to an address that was checked here, never
to the name, which may stand for another address a moment later.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from messaging.conf import parley_settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MOST_CHARACTERS = 2_000
PORTS = {"https": 443, "http": 80}
# Addresses of IPv6 within which an address of IPv4 is reached.
TRANSLATED = ip_network("64:ff9b::/96")
LAST_32_BITS = 0xFFFFFFFF


class AddressRefused(ValueError):
    """A URL that is not sent to. `str(error)` says why, without the address that a name stands for."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, in the pieces that a request needs."""

    host: str
    """In ASCII, without brackets."""
    port: int
    is_secure: bool
    path: str
    """With the query, as the request line has it."""

    @property
    def authority(self) -> str:
        """The header `Host`."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS["https" if self.is_secure else "http"] else f"{name}:{self.port}"


def target_of(url: str) -> Target:
    """The pieces of a URL. Raises AddressRefused for one that no webhook may have."""
    if len(url) > MOST_CHARACTERS:
        raise AddressRefused(f"The URL has more than {MOST_CHARACTERS} characters")
    if not url.isascii() or any(not 0x20 < ord(character) < 0x7F for character in url) or "\\" in url:
        raise AddressRefused("The URL holds characters that are to be escaped")
    parts, port = _split(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise AddressRefused("Give an absolute URL, such as https://example.com/parley")
    if "@" in parts.netloc:
        raise AddressRefused("The URL must not hold a user name or a password")
    if "#" in url:
        raise AddressRefused("The URL must not have a fragment")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, port or PORTS[parts.scheme], parts.scheme == "https", path)


def addresses_of(target: Target) -> list[str]:
    """The addresses that the host stands for now, all of them allowed, in the order to try them.

    Raises AddressRefused where one is not, and OSError where the name cannot be resolved.
    """
    addresses = resolved(target)
    for address in addresses:
        _require(ip_address(address), target)
    return addresses


def resolved(target: Target) -> list[str]:
    """The same, whatever they are: for a URL that the operator chose. Raises OSError."""
    entries = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def require_allowed(url: str) -> None:
    """Raise AddressRefused where this URL is not sent to, as far as that is known now.

    A name that cannot be resolved passes: a process that serves requests may have no resolver. It is resolved
    and checked again before each attempt.
    """
    target = target_of(url)
    try:
        addresses_of(target)
    except AddressRefused:
        raise
    except (OSError, UnicodeError):
        return


def _split(url: str) -> tuple[SplitResult, int | None]:
    """The pieces of a URL, and the port that it names. The reasons of `urlsplit` are in English alone."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AddressRefused("This is no URL") from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise AddressRefused("The port of a URL is a number from 1 to 65535")
    return parts, port


def _require(address: Address, target: Target) -> None:
    """Raise AddressRefused for an address that is neither public nor of a network that the setting lists."""
    variants = _variants(address)
    if _is_listed(variants[0]):
        return
    if not all(_is_public(variant) for variant in variants):
        raise AddressRefused("The host is not at a public address, nor in a network of WEBHOOK_NETWORKS")
    if not target.is_secure:
        raise AddressRefused("Give an https URL; http is for the networks of WEBHOOK_NETWORKS")


def _variants(address: Address) -> list[Address]:
    """The address, and the one of IPv4 that is reached by it."""
    if isinstance(address, IPv4Address):
        return [address]
    within = [address.ipv4_mapped, address.sixtofour, address.teredo and address.teredo[1]]
    if address in TRANSLATED:
        within.append(IPv4Address(int(address) & LAST_32_BITS))
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    return [address, *(one for one in within if one)]


def _is_public(address: Address) -> bool:
    special = [address.is_multicast, address.is_unspecified, address.is_reserved, address.is_loopback]
    if isinstance(address, IPv6Address):
        if address in TRANSLATED:
            return True  # as public as the address of IPv4 within
        special.append(address.is_site_local)
    return address.is_global and not any(special)


def _is_listed(address: Address) -> bool:
    return any(address in network for network in _networks(tuple(parley_settings().webhook_networks)))


@lru_cache(maxsize=8)
def _networks(listed: Sequence[str]) -> tuple[Network, ...]:
    """The networks of the setting. Raises ValueError for a text that is none."""
    return tuple(ip_network(text) for text in listed)
