"""`/metrics`: who may read it, and its text."""

import hmac
import os
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from .figures import Figure
from .metrics import FOLDER, metrics

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

__all__ = ["Page", "may_read", "page_of"]

# Whoever stands in front of the service sets one of them; what comes by it comes from anywhere.
OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Via")


class Page(NamedTuple):
    """Its text, and which format that is."""

    text: bytes
    content_type: str


def may_read(address: str, headers: Mapping[str, str]) -> bool:
    """Whether a request from this address may: with the token, or without one from this machine itself.

    `headers` find their values whatever the case of a name.
    """
    if metrics() is None:
        return False
    if settings.METRICS_TOKEN:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        given, wanted = token.strip().encode(), settings.METRICS_TOKEN.encode()
        return scheme.lower() == "bearer" and hmac.compare_digest(given, wanted)
    return _is_loopback(address) and not any(name in headers for name in OF_PROXIES)


def page_of(figures: Sequence[Figure] | None) -> Page:
    """What all processes have counted, with these figures of the database; None where it does not answer."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.multiprocess import MultiProcessCollector

    encode, content_type = choose_encoder("")
    registry = CollectorRegistry()
    registry.register(_Figures(figures))
    if FOLDER in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Page(encode(registry), content_type)
    counted = metrics()
    return Page((encode(counted.registry) if counted else b"") + encode(registry), content_type)


class _Figures:
    """The figures of the database as the client of Prometheus collects them."""

    def __init__(self, figures: Sequence[Figure] | None) -> None:
        self._figures = figures

    def collect(self) -> "Iterator[Metric]":
        from prometheus_client.core import GaugeMetricFamily

        is_up = self._figures is not None
        up = Figure("parley_database_up", "Whether the database has told the other figures", is_up)
        for figure in (up, *(self._figures or ())):
            yield GaugeMetricFamily(figure.name, figure.help, value=figure.value)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
