"""last_used_at of a key: written at most once a minute."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from messaging.models import ApiKey
from messaging.services import find_api_key
from messaging.services.last_used import _uses, write_uses
from tests.cast import Tenant
from tests.client import ApiClient


@pytest.fixture(autouse=True)
def nothing_noted() -> Iterator[None]:
    """Notes and pauses are of the process, not of a test."""
    yield
    _uses.__init__()  # type: ignore[misc]


@pytest.fixture
def read_only(acme: Tenant) -> Iterator[None]:
    """A database that takes no write any more, as after a failover."""
    begin, end = (
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
        if connection.vendor == "sqlite"
        else ("SAVEPOINT read_only; SET TRANSACTION READ ONLY", "ROLLBACK TO SAVEPOINT read_only")
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)
        yield
        cursor.execute(end)


@pytest.fixture(autouse=True)
def unused(acme: Tenant, globex: Tenant) -> None:
    """Nobody has used the keys yet."""
    ApiKey.objects.update(last_used_at=None)


def last_used(acme: Tenant):
    return ApiKey.objects.get(pk=acme.api_key.pk).last_used_at


def use(api: ApiClient) -> None:
    assert api.get("/api/v1/auth/session").status_code == 200


@pytest.mark.wire("mielto", "get_api_key", "last_used_at is null until the key is used")
def test_the_first_use_is_noted(api: ApiClient, acme: Tenant):
    assert last_used(acme) is None
    use(api)
    assert abs(last_used(acme) - timezone.now()) < timedelta(seconds=20)


@pytest.mark.wire("mielto", "get_api_key", "last_used_at is written at most once a minute")
@pytest.mark.parametrize(("age", "noted"), [(0, False), (50, False), (61, True), (10_000, True)])
def test_a_use_is_noted_once_a_minute(api: ApiClient, acme: Tenant, age, noted):
    before = timezone.now() - timedelta(seconds=age)
    ApiKey.objects.filter(pk=acme.api_key.pk).update(last_used_at=before)
    use(api)
    assert (last_used(acme) != before) is noted


def test_how_often_is_a_setting(api: ApiClient, acme: Tenant, settings):
    settings.PARLEY = {"LAST_USED_SECONDS": 3_600}
    before = timezone.now() - timedelta(seconds=3_000)
    ApiKey.objects.filter(pk=acme.api_key.pk).update(last_used_at=before)
    use(api)
    assert last_used(acme) == before


def test_use_of_one_key_is_not_use_of_another(api: ApiClient, acme: Tenant, globex: Tenant):
    use(api)
    assert ApiKey.objects.get(pk=globex.api_key.pk).last_used_at is None


def test_the_request_itself_only_reads(acme: Tenant, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert find_api_key(text=acme.secret)
    assert last_used(acme) is None
    write_uses()
    assert last_used(acme) is not None


def test_a_database_that_takes_no_writes_answers_all_the_same(
    api: ApiClient, read_only: None, caplog: pytest.LogCaptureFixture
):
    for _ in range(3):
        use(api)
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage().partition(":")[0] for record in told] == [
        "the last use of API keys cannot be written"
    ]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_a_key_that_somebody_holds_is_passed_over(api: ApiClient, acme: Tenant):
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM parley_apikey WHERE id = %s FOR UPDATE", [acme.api_key.pk])
        use(api)
        cursor.execute("ROLLBACK")
    other.close()
    assert last_used(acme) is None
