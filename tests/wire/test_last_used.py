"""last_used_at of a key: written at most once a minute."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import ApiKey
from tests.cast import Tenant
from tests.client import ApiClient


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
