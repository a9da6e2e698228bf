"""What operators see of a real server: /metrics over all its processes, and the lines of its log."""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import Server
from tests.e2e.tenant import CONVERSATIONS, MESSAGES, Tenant, created
from tests.e2e.test_processes import children

PATIENCE = 30
SECRET = "whoeverreadsthis"
ENVIRONMENT = {"WEB_CONCURRENCY": "3", "ACCESS_LOG": "-", "LOG_FORMAT": "json"}

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


def metric(server: Server, name: str, **labels: str) -> float:
    """The sum of all samples with these labels."""
    text = httpx.get(f"{server.url}/metrics").raise_for_status().text
    lines = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.M)
    wanted = {f'{label}="{value}"' for label, value in labels.items()}
    return sum(float(value) for listed, value in lines if wanted <= set(listed.split(",")))


def ask_anew(server: Server, tenant: Tenant, path: str, **options: Any) -> httpx.Response:
    """On a connection of its own, which any of the processes takes."""
    with server.client(tenant.secret) as client:
        return client.request(options.pop("method", "GET"), path, **options)


def eventually(answer: Callable[[], Any]) -> Any:
    """The first answer that is something; the log is written behind the answer."""
    deadline = time.monotonic() + PATIENCE
    while not (told := answer()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return told


def lines_of(server: Server) -> list[dict[str, Any]]:
    """The log, but for what Python itself writes to it."""
    return [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]


def line_of(server: Server, request_id: str, logger: str = "config.access") -> dict[str, Any]:
    """The line of the log about a request."""

    def find() -> dict[str, Any] | None:
        wanted = (logger, request_id)
        lines = (line for line in lines_of(server) if (line["logger"], line.get("request_id")) == wanted)
        return next(lines, None)

    found: dict[str, Any] = eventually(find)
    return found


def test_all_processes_count_together(server: Server, tenant: Tenant):
    labels = {"wire": "mielto", "route": CONVERSATIONS, "method": "GET", "status": "2xx"}
    names = ("parley_http_requests_total", "parley_http_request_duration_seconds_count")
    before = [metric(server, name, **labels) for name in names]
    for _ in range(30):
        assert ask_anew(server, tenant, CONVERSATIONS).status_code == 200
    eventually(lambda: [metric(server, name, **labels) for name in names] == [count + 30 for count in before])


def test_what_a_killed_process_has_counted_stays_and_its_successor_goes_on(server: Server, tenant: Tenant):
    for _ in range(10):
        ask_anew(server, tenant, CONVERSATIONS)
    counted, files = metric(server, "parley_http_requests_total"), shared_files(server)
    victims = children(server)
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(children(server)) == len(victims) and not set(victims) & set(children(server)))
    for _ in range(10):
        ask_anew(server, tenant, CONVERSATIONS)
    eventually(lambda: metric(server, "parley_http_requests_total") == counted + 10)
    assert shared_files(server) <= files


def shared_files(server: Server) -> set[str]:
    """The names of the files that the processes count in."""
    maps = (Path(f"/proc/{child}/maps").read_text() for child in children(server))
    folders = {match[1] for text in maps for match in re.finditer(r"(/\S+/parley-metrics-\w+)/", text)}
    [folder] = folders
    return {path.name for path in Path(folder).iterdir()}


def test_messages_and_waits_are_counted(server: Server, tenant: Tenant):
    names = ("parley_messages_created_total", "parley_queue_wait_seconds_count")
    messages, waits = (metric(server, name) for name in names)
    created(tenant.client.post(MESSAGES, json={"content": [{"content": "one"}, {"content": "two"}]}))
    assert [metric(server, name) for name in names] == [messages + 2, waits + 1]


def test_what_is_open_at_the_moment_is_shown(server: Server, tenant: Tenant):
    before = metric(server, "parley_streams")
    with tenant.client.stream("GET", "/api/v1/changes/stream") as listening:
        assert listening.status_code == 200
        eventually(lambda: metric(server, "parley_streams") == before + 1)
        assert metric(server, "parley_connections") > 0
    eventually(lambda: metric(server, "parley_streams") == before)


def test_a_refusal_is_counted_and_has_its_id(server: Server, tenant: Tenant):
    before = metric(server, "parley_refusals_total", reason="too_large")
    sent = {"headers": {"X-Request-ID": "too-large"}, "content": b" " * 11 * 1024 * 1024}
    answer = ask_anew(server, tenant, MESSAGES, method="POST", **sent)
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (413, "too-large")
    assert metric(server, "parley_refusals_total", reason="too_large") == before + 1
    assert line_of(server, "too-large")["status"] == 413


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/nowhere"])
def test_every_answer_has_an_id(server: Server, path: str):
    answer = httpx.get(f"{server.url}{path}", headers={"X-Request-ID": f"of{path}"})
    assert answer.headers.get_list("X-Request-ID") == [f"of{path}"]


def test_a_scrape_through_a_proxy_is_not_of_this_machine(server: Server):
    assert httpx.get(f"{server.url}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_a_worker_is_seen(server: Server):
    assert eventually(lambda: metric(server, "parley_worker_seen_seconds")) < 120


class TestLog:
    def test_a_request_is_a_line(self, server: Server, tenant: Tenant):
        answer = ask_anew(server, tenant, f"{MESSAGES}?search={SECRET}", headers={"X-Request-ID": "searches"})
        line = line_of(server, "searches")
        assert answer.status_code == line["status"] == 200
        assert (line["path"], line["route"], line["wire"]) == (MESSAGES, MESSAGES, "mielto")
        assert line["key"]
        assert line["key"] in tenant.secret
        assert line["statements"] > 0
        assert line["bytes"] == len(answer.content)

    def test_no_line_holds_the_text_that_was_searched_for(self, server: Server, tenant: Tenant):
        for path in (MESSAGES, "/nowhere", "/admin/", "/v1/threads", "/api/v1/nowhere"):
            ask_anew(server, tenant, f"{path}?search={SECRET}", headers={"X-Request-ID": f"of{path}"})
            line_of(server, f"of{path}")
        assert SECRET not in server.log()

    def test_no_line_holds_a_key(self, server: Server, tenant: Tenant):
        tenant.client.get(CONVERSATIONS, headers={"X-Request-ID": "keyed"}).raise_for_status()
        line_of(server, "keyed")
        assert tenant.secret not in server.log()

    def test_a_path_forges_no_line(self, server: Server, tenant: Tenant):
        path = "/api/v1/conversations/%0A%7B%22logger%22%3A%22forged%22%7D%22"
        ask_anew(server, tenant, path, headers={"X-Request-ID": "forges"})
        assert line_of(server, "forges")["path"] == path
        assert "forged" not in {line["logger"] for line in lines_of(server)}
