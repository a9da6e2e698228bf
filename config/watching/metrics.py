"""What the processes of the service count for Prometheus. Without the extra `metrics` they count nothing.

No label is a workspace, a user or a conversation: there is no end to those.
"""

from functools import cache
from http import HTTPMethod
from typing import TYPE_CHECKING

from .records import Record

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

__all__ = [
    "FOLDER",
    "Metrics",
    "count_as",
    "count_database_error",
    "count_messages",
    "count_refusal",
    "count_request",
    "count_wait",
    "metrics",
    "show_load",
]

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which the processes of one service share what they count. The client
reads it as it is imported."""

METHODS = frozenset(HTTPMethod)
NO_WIRE, NO_ROUTE = "pages", "none"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LOAD = {
    "connections": "Connections that are open",
    "streams": "Answers without an end that are open, such as those of listeners to changes",
    "threads_busy": "Threads that are at work for requests",
}
OF_A_REQUEST = ("wire", "route", "method", "status")


class Metrics:
    """The counters and histograms of a process."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry: CollectorRegistry = CollectorRegistry()
        self.requests = Counter(
            "parley_http_requests", "Requests answered", OF_A_REQUEST, registry=self.registry
        )
        self.durations = Histogram(
            "parley_http_request_duration_seconds",
            "From the last byte of a request to the first of its answer",
            OF_A_REQUEST,
            buckets=SECONDS,
            registry=self.registry,
        )
        self.waits = Histogram(
            "parley_queue_wait_seconds",
            "How long requests waited for a thread",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.refusals = Counter(
            "parley_refusals", "Requests that the server refused", ("reason",), registry=self.registry
        )
        self.database_errors = Counter(
            "parley_database_errors", "Errors of the database", ("type",), registry=self.registry
        )
        self.messages = Counter(
            "parley_messages_created", "Messages stored", ("imported",), registry=self.registry
        )
        self.load = {
            name: Gauge(f"parley_{name}", text, registry=self.registry, multiprocess_mode="sum")
            for name, text in LOAD.items()
        }
        # Every request asks for some of these, and the client of Prometheus takes longer to look labels up.
        self.of_requests = cache(self._of_requests)
        self.of_messages = cache(self._of_messages)

    def _of_requests(self, wire: str, route: str, method: str, hundreds: int) -> "tuple[Counter, Histogram]":
        labels = (
            wire or NO_WIRE,
            route or NO_ROUTE,
            method if method in METHODS else "other",
            f"{hundreds}xx" if hundreds else "none",
        )
        return self.requests.labels(*labels), self.durations.labels(*labels)

    def _of_messages(self, is_imported: bool) -> "Counter":
        return self.messages.labels(str(is_imported).lower())


@cache
def metrics() -> Metrics | None:
    """Those of this process; None without the extra."""
    try:
        return Metrics()
    except ImportError:
        return None


def count_as(slot: int) -> None:
    """From now on count as the process in this slot, and go on where the one before it ended.

    With its own number each process that takes another one's place would leave further files to be read.
    """
    try:
        from prometheus_client import values
    except ImportError:
        return
    values.ValueClass = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call]


def count_request(record: Record, method: str, status: int, seconds: float) -> None:
    """An answer of this status has begun after so many seconds; 0 for a client that went before."""
    if counted := metrics():
        requests, durations = counted.of_requests(record.wire, record.route, method, status // 100)
        requests.inc()
        durations.observe(seconds)


def show_load(*, connections: int, streams: int, threads_busy: int) -> None:
    """What this process is occupied with at this moment."""
    if counted := metrics():
        counted.load["connections"].set(connections)
        counted.load["streams"].set(streams)
        counted.load["threads_busy"].set(threads_busy)


def count_wait(seconds: float) -> None:
    """A request has waited so long for its thread."""
    if counted := metrics():
        counted.waits.observe(seconds)


def count_refusal(reason: str) -> None:
    """The server has refused a request."""
    if counted := metrics():
        counted.refusals.labels(reason).inc()


def count_database_error(kind: str) -> None:
    """The database has raised an error of this class."""
    if counted := metrics():
        counted.database_errors.labels(kind).inc()


def count_messages(number: int, *, imported: bool) -> None:
    """So many messages were stored."""
    if counted := metrics():
        counted.of_messages(imported).inc(number)
