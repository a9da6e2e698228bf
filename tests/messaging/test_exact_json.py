"""JSON comes back as it went in: the same bytes from a create, a read and a list, on every database."""

import pytest

from messaging.models import Message
from tests.cast import Tenant
from tests.client import ApiClient

VALUE = {"b": 1, "a": {"z": [1e16, -0.0, 1e300, 2**80, "ü\u2028"], "k": None}, "s": "text"}


@pytest.fixture
def created(api: ApiClient) -> bytes:
    """The body of the answer to a create, without the brackets of its list."""
    message = {"content": "hi", "tags": ["b", "a"], "meta_data": VALUE, "tool_calls": [VALUE]}
    body: bytes = api.post("/api/v1/messages", {"content": message}).content
    return body[1:-1]


@pytest.fixture
def stored(created: bytes) -> Message:
    return Message.objects.latest("id")


@pytest.mark.wire("mielto", "get_message", "byte for byte what the create answered")
def test_a_read_repeats_the_create(api: ApiClient, created: bytes, stored: Message):
    assert api.get(f"/api/v1/messages/{stored.pk}").content == created


@pytest.mark.wire("mielto", "list_messages", "each row byte for byte what the create answered")
def test_a_list_repeats_the_create(api: ApiClient, created: bytes):
    assert created in api.get("/api/v1/messages?limit=1").content


def test_the_order_of_keys_and_every_number_are_kept(stored: Message):
    assert repr(stored.meta_data) == repr(VALUE)


def test_an_update_keeps_them_too(api: ApiClient, acme: Tenant):
    row = api.patch(f"/api/v1/messages/{acme.question.pk}", {"meta_data": VALUE}).json()
    assert repr(row["meta_data"]) == repr(VALUE)
    assert repr(Message.objects.get(pk=row["id"]).meta_data) == repr(VALUE)


@pytest.mark.parametrize(
    "lookup", [{"meta_data__s": "text"}, {"meta_data__a__k": None}, {"meta_data__b__gt": 0}]
)
def test_keys_can_be_looked_up(stored: Message, lookup: dict[str, object]):
    assert Message.objects.filter(**lookup).get() == stored


def test_a_key_can_be_read_alone(stored: Message):
    assert Message.objects.filter(pk=stored.pk).values_list("meta_data__s", flat=True).get() == "text"


def test_absent_is_null(acme: Tenant):
    assert Message.objects.filter(meta_data__isnull=True).count() == 4
