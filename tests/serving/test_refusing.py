"""What no view has seen is refused, and counted by its reason."""

import re
from pathlib import Path

import pytest

from config.serving import reasons
from config.serving.reasons import (
    Away,
    Broken,
    Full,
    HeadTooLarge,
    Late,
    TooLarge,
    TooSlow,
    UnknownMethod,
    Unread,
    Unserved,
    UrlTooLong,
)
from config.serving.refusing import refuse
from config.watching.metrics import metrics
from tests.contract import check_caching

PAGE = Path(__file__).parents[2] / "config/OPERATIONS.md"
REFUSALS = [
    (Late(2.0), 503, "late"),
    (Away(), 503, "away"),
    (Full(), 503, "full"),
    (TooLarge(10), 413, "too_large"),
    (TooSlow(), 408, "too_slow"),
    (Broken(), 400, "broken"),
    (UnknownMethod(), 405, "unknown_method"),
    (UrlTooLong(), 414, "url_too_long"),
    (HeadTooLarge(), 431, "head_too_large"),
]


def counted(reason: str) -> float:
    made = metrics()
    assert made
    return made.registry.get_sample_value("parley_refusals_total", {"reason": reason}) or 0


@pytest.mark.parametrize(("error", "status", "reason"), REFUSALS)
def test_a_refusal_counts_by_its_reason(error: Exception, status: int, reason: str):
    before = counted(reason)
    assert refuse("/api/v1/messages", error).status == status
    assert counted(reason) == before + 1


@pytest.mark.parametrize("path", ["/api/v1/messages", "/v1/threads", "/openai/v1/threads"])
@pytest.mark.parametrize(("error", "status", "reason"), REFUSALS)
def test_no_cache_keeps_a_refusal(path: str, error: Exception, status: int, reason: str):
    headers = {name.decode(): value.decode() for name, value in refuse(path, error).headers}
    check_caching(headers)


@pytest.mark.parametrize(("error", "status", "reason"), REFUSALS)
def test_a_page_is_refused_by_a_page(error: Exception, status: int, reason: str):
    answer = refuse("/admin/", error)
    headers = dict(answer.headers)
    assert (answer.status, headers[b"Cache-Control"]) == (status, b"no-store")
    assert headers[b"Content-Type"] == b"text/html; charset=utf-8"
    assert (b"load the page again" in answer.body) is (b"Retry-After" in headers)


def test_every_reason_is_tried_here():
    known = {getattr(reasons, name) for name in reasons.__all__}
    refusing = {kind for kind in known if issubclass(kind, Unserved | Unread)} - {Unserved, Unread}
    assert {type(error) for error, _, _ in REFUSALS} == refusing


def test_operators_know_the_reasons():
    [row] = re.findall(r"^\| `parley_refusals_total` \|.*$", PAGE.read_text(), re.M)
    assert set(re.findall(r"`(\w+)`", row)) - {"parley_refusals_total", "reason", "QUEUE_SECONDS"} == {
        reason for _, _, reason in REFUSALS
    }
