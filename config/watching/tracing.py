"""Spans of requests for OpenTelemetry: route, status and conversation, never a text.

Only `start` needs the extra `otel`; without it there are no spans.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from .records import Record

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

__all__ = ["Spanned", "spanned", "start", "stop", "use"]

logger = logging.getLogger(__name__)

SERVICE, NAME = "parley", "OTEL_SERVICE_NAME"
STOP_MILLISECONDS = 5_000
PROPAGATED = ("traceparent", "tracestate")

_provider: "TracerProvider | None" = None


def start() -> None:
    """Have the spans of this process sent to where the OTEL_* variables say, if the settings want that."""
    if not settings.TRACING:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        logger.error("TRACING needs the extra otel: %s", error)
        return
    os.environ.setdefault(NAME, SERVICE)
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    use(provider)


def use(provider: "TracerProvider | None") -> None:
    """Make spans of requests with this provider; None for no spans."""
    global _provider
    _provider = provider


def stop() -> None:
    """Send what is left; a collector that does not answer holds up the end of the process for a while."""
    if _provider is not None:
        _provider.force_flush(STOP_MILLISECONDS)


class Spanned:
    """The span of a request, or nothing where none is made."""

    def __init__(self, span: "Span | None" = None) -> None:
        self._span = span

    def end(self, request: HttpRequest, record: Record, response: HttpResponseBase) -> None:
        """Tell what came of the request."""
        if self._span is None or not self._span.is_recording():
            return
        from opentelemetry.trace import StatusCode

        told = {
            "http.route": record.route,
            "gen_ai.conversation.id": record.conversation_id,
            "parley.wire": record.wire,
        }
        self._span.update_name(f"{request.method} {record.route}".strip())
        self._span.set_attributes({name: value for name, value in told.items() if value})
        self._span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= 500:
            self._span.set_status(StatusCode.ERROR)


def spanned(request: HttpRequest) -> AbstractContextManager[Spanned]:
    """Within, the request has a span, below that of the caller if it names one."""
    return nullcontext(Spanned()) if _provider is None else _spanned(request, _provider)


@contextmanager
def _spanned(request: HttpRequest, provider: "TracerProvider") -> Iterator[Spanned]:
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {name: value for name in PROPAGATED if (value := request.headers.get(name))}
    with provider.get_tracer(SERVICE).start_as_current_span(
        str(request.method),
        context=TraceContextTextMapPropagator().extract(carrier),
        kind=SpanKind.SERVER,
        attributes={"http.request.method": str(request.method)},
        # The text of an error may quote what somebody wrote.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield Spanned(span)
