"""The rate limit of a key: off by default, counted by the database, 429 with Retry-After."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import RateWindow
from messaging.services.rate import parse_rate, remove_old_windows
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/messages"


@pytest.fixture
def three_a_minute(settings) -> None:
    settings.PARLEY = {"RATE_LIMIT": "3/minute"}


def statuses(api: ApiClient, count: int) -> list[int]:
    return [api.get(PATH).status_code for _ in range(count)]


@pytest.mark.wire("mielto", "list_messages", "no rate limit unless one is set")
def test_it_is_off_by_default(api: ApiClient):
    assert statuses(api, 5) == [200] * 5
    assert not RateWindow.objects.exists()


@pytest.mark.wire("mielto", "list_messages", "over the rate limit: 429 with Retry-After")
def test_over_the_limit_it_is_429(api: ApiClient, three_a_minute: None):
    assert statuses(api, 3) == [200] * 3
    response = api.get(PATH)
    assert (response.status_code, response.json()) == (429, {"detail": "Rate limit exceeded"})
    assert 1 <= int(response["Retry-After"]) <= 60


def test_every_operation_counts(api: ApiClient, acme: Tenant, three_a_minute: None):
    assert api.post(PATH, {"content": {"content": "hi"}}).status_code == 201
    assert api.post(PATH, "{").status_code == 422
    assert api.get(f"{PATH}/msg_unknown").status_code == 404
    assert api.delete(f"{PATH}/{acme.reply.pk}").status_code == 429


def test_each_key_has_its_own(api: ApiClient, stranger: ApiClient, client_with, three_a_minute: None):
    assert statuses(api, 4) == [200, 200, 200, 429]
    assert statuses(stranger, 4) == [200, 200, 200, 429]
    assert client_with("read").get(PATH).status_code == 200


def test_the_window_opens_again(api: ApiClient, three_a_minute: None):
    assert statuses(api, 4)[-1] == 429
    RateWindow.objects.update(started_at=timezone.now() - timedelta(seconds=61))
    assert statuses(api, 4) == [200, 200, 200, 429]


def test_the_wait_is_what_is_left_of_the_window(api: ApiClient, three_a_minute: None):
    statuses(api, 3)
    RateWindow.objects.update(started_at=timezone.now() - timedelta(seconds=30))
    assert 28 <= int(api.get(PATH)["Retry-After"]) <= 31


def test_a_caller_without_a_key_is_not_counted(db: None, three_a_minute: None):
    assert statuses(ApiClient("wrong"), 5) == [401] * 5
    assert not RateWindow.objects.exists()


def test_windows_that_every_rate_has_left_behind_go_in_batches(db: None):
    now = timezone.now()
    for name, age in (("a", 25), ("b", 25), ("c", 25), ("open", 23)):
        RateWindow.objects.create(identity=name, started_at=now - timedelta(hours=age), count=1)
    assert [remove_old_windows(limit=2) for _ in range(3)] == [2, 1, 0]
    assert [window.identity for window in RateWindow.objects.all()] == ["open"]


@pytest.mark.parametrize(
    ("rate", "parsed"),
    [
        ("1/second", (1, timedelta(seconds=1))),
        ("600/minute", (600, timedelta(minutes=1))),
        ("5/hour", (5, timedelta(hours=1))),
        ("9/day", (9, timedelta(days=1))),
        ("0/minute", None),
        ("-1/minute", None),
        ("5/week", None),
        ("5 / minute", None),
        ("5/minutes", None),
        ("٣/minute", None),
        ("", None),
    ],
)
def test_a_rate_is_a_number_and_a_period(rate, parsed):
    assert parse_rate(rate) == parsed
