"""Spans of requests: route and conversation, and never a text."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from config.watching import tracing
from tests.cast import Tenant

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel is not installed")

from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402
from opentelemetry.trace import SpanKind, StatusCode  # noqa: E402

TEXT = "a secret that nobody may see"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


@pytest.fixture
def caller(acme: Tenant) -> Client:
    return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {acme.secret}"})


def test_a_span_carries_route_and_conversation(acme: Tenant, caller: Client, spans: InMemorySpanExporter):
    caller.get(f"/api/v1/conversations/{acme.conversation.pk}")
    [span] = spans.get_finished_spans()
    assert (span.name, span.kind) == ("GET /api/v1/conversations/<str:conversation_id>", SpanKind.SERVER)
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/v1/conversations/<str:conversation_id>",
        "http.response.status_code": 200,
        "gen_ai.conversation.id": acme.conversation.pk,
        "parley.wire": "mielto",
    }


@pytest.mark.django_db(transaction=True)
def test_a_write_tells_which_conversation_it_opened(caller: Client, spans: InMemorySpanExporter):
    answer = caller.post("/api/v1/messages", {"content": {"content": TEXT}}, "application/json")
    [span] = spans.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["gen_ai.conversation.id"] == answer.json()[0]["conversation_id"]


def test_no_span_holds_a_text(acme: Tenant, caller: Client, spans: InMemorySpanExporter):
    caller.post("/api/v1/messages", {"content": {"content": TEXT}}, "application/json")
    caller.get("/api/v1/messages", {"search": TEXT, "conversation_id": TEXT})
    caller.get(f"/api/v1/conversations/{TEXT}")
    caller.get(f"/{TEXT}")
    told = [json.loads(span.to_json()) for span in spans.get_finished_spans()]
    assert len(told) == 4
    assert "secret" not in json.dumps(told)


def test_an_error_is_marked_without_its_text(
    caller: Client, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
):
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError(TEXT)

    monkeypatch.setattr("messaging.wire.view.WireViewSet.page_of", fails)
    caller.raise_request_exception = False
    assert caller.get("/api/v1/conversations").status_code == 500
    [span] = spans.get_finished_spans()
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, None, ())


def test_a_span_is_below_that_of_the_caller(caller: Client, spans: InMemorySpanExporter):
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    caller.get("/livez", headers={"traceparent": f"00-{trace}-{parent}-01"})
    [span] = spans.get_finished_spans()
    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (trace, parent)


def test_what_is_left_is_sent_at_the_end(caller: Client, spans: InMemorySpanExporter):
    provider = sdk.TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(spans, schedule_delay_millis=3_600_000))
    tracing.use(provider)
    caller.get("/livez")
    assert spans.get_finished_spans() == ()
    tracing.stop()
    assert len(spans.get_finished_spans()) == 1
    provider.shutdown()


def test_without_a_provider_there_is_no_span(caller: Client, spans: InMemorySpanExporter):
    tracing.use(None)
    caller.get("/livez")
    assert spans.get_finished_spans() == ()
