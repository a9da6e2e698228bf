"""Where a request reads in a project with a replica."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import override_settings

from messaging.admin.tenancy import by_staff
from messaging.models import ApiKey, Message
from messaging.replicas import reading_own_writes
from messaging.sql.databases import read_database


@pytest.fixture(autouse=True)
def behind_a_router() -> Iterator[None]:
    """Aliases alone are asked for, so that no replica needs to be there."""
    with override_settings(DATABASE_ROUTERS=["tests.replica.Router"]):
        yield
    cache.clear()


def source_of(method: str, identity: str = "key") -> str:
    with reading_own_writes(method, identity):
        return read_database(Message)


def test_who_has_not_written_reads_from_the_replica():
    assert source_of("GET") == source_of("HEAD") == "replica"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_who_writes_reads_from_the_primary_then_and_afterwards(method: str):
    assert (source_of(method), source_of("GET")) == ("default", "default")


def test_a_form_of_the_admin_reads_what_it_edits_from_the_primary_and_so_does_who_sent_it():
    view: Any = by_staff(lambda request: read_database(Message))  # type: ignore[arg-type,return-value]
    asked, sent, another = (
        SimpleNamespace(method=method, GET=QueryDict(), user=SimpleNamespace(pk=pk))
        for method, pk in (("GET", 1), ("POST", 1), ("GET", 2))
    )
    assert [view(request) for request in (asked, sent, asked, another)] == [
        *("replica", "default"),
        *("default", "replica"),
    ]


def test_others_go_on_reading_from_the_replica():
    source_of("POST", "another key")
    assert source_of("GET") == "replica"


@override_settings(PARLEY={"READ_YOUR_WRITES": None})
def test_without_such_a_time_the_write_alone_reads_from_the_primary():
    assert (source_of("POST"), source_of("GET")) == ("default", "replica")


def test_a_write_that_fails_counts_as_one():
    with pytest.raises(ValueError, match="x"), reading_own_writes("POST", "key"):
        raise ValueError("x")
    assert source_of("GET") == "default"


@override_settings(CACHES={"default": {"BACKEND": "tests.wire.test_read_your_writes.Broken"}})
def test_a_cache_that_fails_costs_the_replica_and_no_answer():
    assert (source_of("POST"), source_of("GET")) == ("default", "default")


class Broken:
    """A cache whose server is gone."""

    def __init__(self, location: str, params: object) -> None:
        pass

    def get(self, *args: object, **kwargs: object) -> None:
        raise OSError("no cache")

    set = get

    def clear(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_keys_are_never_read_from_a_replica():
    with reading_own_writes("GET", "key"):
        assert read_database(ApiKey) == "default"
