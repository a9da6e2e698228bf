"""/metrics: what is counted, who may read it, and nothing of any tenant in it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.core.checks import run_checks
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from config.watching import checks, scrape
from config.watching.databases import watch_connections
from config.watching.metrics import count_request, count_wait
from config.watching.records import Record
from messaging.models import Job, Webhook
from messaging.services import MessageDraft, Writer, append_messages, create_webhook
from messaging.values.choices import JobState, WebhookState
from tests.cast import Tenant

SAMPLE = re.compile(r"^(\w+)(?:{(.*)})? (\S+)$", re.M)

# The first column of the table of metrics.
ROWS = re.compile(r"^\| ((?:`parley_\w+`(?:, )?)+) \|", re.M)


@pytest.fixture
def prometheus(db: None) -> Client:
    return Client(SERVER_NAME="localhost")


def samples(prometheus: Client) -> dict[str, float]:
    """The values by their names with labels, those sorted."""
    response = prometheus.get("/metrics")
    assert response.status_code == 200
    return {_key(name, labels): float(value) for name, labels, value in SAMPLE.findall(response.text)}


def _key(name: str, labels: str) -> str:
    return f"{name}{{{','.join(sorted(labels.split(',')))}}}" if labels else name


def test_it_is_text_for_prometheus_and_kept_nowhere(prometheus: Client):
    response = prometheus.get("/metrics")
    assert response["Content-Type"].startswith("text/plain; version=")
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1"])
def test_this_machine_may_read_it(prometheus: Client, address: str):
    assert prometheus.get("/metrics", REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", ""])
def test_another_machine_may_not(prometheus: Client, address: str):
    assert prometheus.get("/metrics", REMOTE_ADDR=address).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Forwarded-Proto", "Via"])
def test_what_a_proxy_of_this_machine_brings_is_not_from_this_machine(prometheus: Client, header: str):
    assert prometheus.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


class TestToken:
    @pytest.fixture(autouse=True)
    def token(self, settings: Settings):
        settings.METRICS_TOKEN = "a token"

    @pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
    def test_it_opens_from_anywhere(self, prometheus: Client, address: str):
        headers = {"Authorization": "Bearer a token", "X-Forwarded-For": "192.0.2.9"}
        assert prometheus.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == 200

    @pytest.mark.parametrize("given", ["Bearer another", "Bearer ", "a token", "Basic a token", "Bearer á"])
    def test_nothing_else_does(self, prometheus: Client, given: str):
        assert prometheus.get("/metrics", headers={"Authorization": given}).status_code == 404

    def test_this_machine_needs_it_too(self, prometheus: Client):
        assert prometheus.get("/metrics").status_code == 404


class TestWithoutTheExtra:
    def test_there_is_no_such_page(self, prometheus: Client, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(scrape, "metrics", lambda: None)
        assert prometheus.get("/metrics").status_code == 404

    def test_a_check_says_how_to_install_it(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(checks, "_is_installed", lambda name: name != "prometheus_client")
        [warning] = [found for found in run_checks(tags=["parley"]) if found.id == "config.W001"]
        assert warning.hint == "pip install 'django-parley[metrics]'"

    def test_the_check_says_nothing_where_it_is_installed(self):
        assert not [
            found for found in run_checks(tags=["parley"]) if found.id in ("config.W001", "config.E001")
        ]

    def test_another_check_says_what_spans_need(self, settings: Settings, monkeypatch: pytest.MonkeyPatch):
        settings.TRACING = True
        monkeypatch.setattr(checks, "_is_installed", lambda name: "opentelemetry" not in name)
        [error] = [found for found in run_checks(tags=["parley"]) if found.id == "config.E001"]
        assert "django-parley[otel]" in str(error.hint)


def test_requests_count_by_wire_route_method_and_status(prometheus: Client):
    labels = 'method="GET",route="/api/v1/messages",status="2xx",wire="mielto"'
    record = Record(wire="mielto", route="/api/v1/messages")
    before = samples(prometheus)
    count_request(record, "GET", 200, 0.2)
    count_request(record, "GET", 204, 0.3)
    after = samples(prometheus)
    for name, added in (
        ("parley_http_requests_total", 2),
        ("parley_http_request_duration_seconds_count", 2),
        ("parley_http_request_duration_seconds_sum", 0.5),
    ):
        key = f"{name}{{{labels}}}"
        assert after[key] - before.get(key, 0) == pytest.approx(added)


def test_what_is_unknown_of_a_request_is_one_label(prometheus: Client):
    count_request(Record(), "BREW", 0, 1.0)
    labels = 'method="other",route="none",status="none",wire="pages"'
    assert samples(prometheus)[f"parley_http_requests_total{{{labels}}}"] >= 1


def test_the_wait_for_a_thread_is_a_histogram(prometheus: Client):
    before = samples(prometheus)["parley_queue_wait_seconds_count"]
    count_wait(0.3)
    assert samples(prometheus)["parley_queue_wait_seconds_count"] == before + 1


def test_errors_of_the_database_count_by_their_class(prometheus: Client):
    kind = "OperationalError" if connection.vendor == "sqlite" else "ProgrammingError"
    name = f'parley_database_errors_total{{type="{kind}"}}'
    watch_connections()
    before = samples(prometheus).get(name, 0)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")
    assert samples(prometheus)[name] == before + 1


def test_messages_count_once_they_are_stored(
    acme: Tenant, prometheus: Client, django_capture_on_commit_callbacks
):
    name = 'parley_messages_created_total{imported="false"}'
    before = samples(prometheus).get(name, 0)
    with django_capture_on_commit_callbacks(execute=True):
        append_messages(
            workspace_id=acme.workspace.pk,
            conversation_id=acme.conversation.pk,
            drafts=[MessageDraft(content="one"), MessageDraft(content="two")],
            writer=Writer(),
        )
    assert samples(prometheus)[name] == before + 2


def test_no_label_names_a_workspace_a_conversation_or_a_user(acme: Tenant, prometheus: Client):
    for path in (f"/api/v1/conversations/{acme.conversation.pk}", f"/v1/threads/{acme.conversation.pk}"):
        prometheus.get(path, headers={"Authorization": f"Bearer {acme.secret}"})
    text = prometheus.get("/metrics").text
    assert not re.search(r"(?:wsp|conv|key|msg)_[0-9a-z]{26}|acme", text)


class TestJobs:
    def test_the_oldest_that_is_due(self, prometheus: Client):
        Job.objects.create(kind="tests.late", run_at=timezone.now() - timedelta(minutes=5))
        Job.objects.create(kind="tests.later", run_at=timezone.now() + timedelta(minutes=5))
        assert samples(prometheus)["parley_jobs_oldest_due_seconds"] == pytest.approx(300, abs=60)

    def test_none_is_due(self, prometheus: Client):
        assert samples(prometheus)["parley_jobs_oldest_due_seconds"] == 0

    def test_those_that_failed(self, prometheus: Client):
        Job.objects.create(kind="tests.failed", state=JobState.FAILED, error="ValueError")
        assert samples(prometheus)["parley_jobs_failing"] == 1

    def test_how_long_no_worker_was_seen(self, prometheus: Client):
        seen = timezone.now() - timedelta(minutes=2)
        Job.objects.create(kind="tests.k", schedule_key="tests.k", heartbeat_at=seen)
        assert samples(prometheus)["parley_worker_seen_seconds"] == pytest.approx(120, abs=60)

    def test_a_worker_that_never_was_has_no_figure(self, prometheus: Client):
        assert "parley_worker_seen_seconds" not in samples(prometheus)


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"failures": 2}, "parley_webhooks_failing"),
        ({"failures": 9, "state": WebhookState.DISABLED}, "parley_webhooks_disabled"),
        ({"failures": 2, "state": WebhookState.PAUSED}, None),
        ({"failures": 0}, None),
    ],
)
def test_webhooks_that_fail(
    acme: Tenant, globex: Tenant, prometheus: Client, fields: dict[str, object], counted: str | None
):
    for tenant in (acme, globex):
        webhook, _ = create_webhook(workspace_id=tenant.workspace.pk, url="https://example.com/hook")
        Webhook.objects.for_workspace(tenant.workspace.pk).filter(pk=webhook.pk).update(**fields)
    found = samples(prometheus)
    names = ("parley_webhooks_failing", "parley_webhooks_disabled")
    assert {name: found[name] for name in names} == {name: 2 if name == counted else 0 for name in names}


class TestDocuments:
    """The page of operators has every metric, and its alerts ask for no other."""

    PAGE = (Path(__file__).parents[2] / "config/OPERATIONS.md").read_text()

    @pytest.fixture
    def exported(self, prometheus: Client) -> set[str]:
        Job.objects.create(kind="tests.k", schedule_key="tests.k", heartbeat_at=timezone.now())
        kinds = re.findall(r"^# TYPE (\w+) (\w+)$", prometheus.get("/metrics").text, re.M)
        return {name for name, kind in kinds if not name.endswith("_created")}

    def test_every_metric_is_documented(self, exported: set[str]):
        assert {
            name for row in ROWS.findall(self.PAGE) for name in re.findall(r"parley_\w+", row)
        } == exported

    def test_an_alert_asks_for_metrics_that_there_are(self, exported: set[str]):
        [rules] = re.findall(r"^```yaml\n# rules\n(.*?)^```$", self.PAGE, re.M | re.S)
        [group] = yaml.safe_load(rules)["groups"]
        asked = {
            name.removesuffix("_bucket")
            for rule in group["rules"]
            for name in re.findall(r"\bparley_\w+", rule["expr"])
        }
        assert len(asked) > 8
        assert asked <= exported


def test_readers_of_changes_are_not_behind_where_nobody_writes(prometheus: Client):
    found = samples(prometheus)
    assert (found["parley_feed_lag_seconds"], found["parley_database_up"]) == (0, 1)
