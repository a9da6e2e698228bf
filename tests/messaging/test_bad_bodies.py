"""Bodies that cannot be stored: refused before anything is written, alike on both databases."""

import pytest

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient


def nested(levels: int) -> str:
    """A message whose meta_data makes the whole body this deep."""
    inner = levels - 3
    return '{"content": {"content": "deep", "meta_data": {"x": ' + "[" * inner + "]" * inner + "}}}"


@pytest.mark.wire("mielto", "create_message", "malformed JSON is 422 of type json_invalid")
@pytest.mark.parametrize(
    "body", ["{", '{"content": }', "{'content': 1}", b"\xff\xfe", "nan", '{"content": "a"} x']
)
def test_malformed_json_is_refused(api: ApiClient, body):
    response = api.post("/api/v1/messages", body)
    assert response.status_code == 422
    assert response.json()["detail"][0]["type"] == "json_invalid"
    assert response.json()["detail"][0]["loc"][0] == "body"


@pytest.mark.wire("mielto", "create_message", "an empty body is 422 of type missing")
def test_an_empty_body_is_refused(api: ApiClient):
    [problem] = api.post("/api/v1/messages").json()["detail"]
    assert (problem["type"], problem["loc"]) == ("missing", ["body"])


def test_a_form_is_refused(api: ApiClient):
    response = api.post("/api/v1/messages", "content=hi", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.api+json"])
def test_json_may_be_called_by_its_other_names(api: ApiClient, content_type):
    body = '{"content": {"content": "hi"}}'
    assert api.post("/api/v1/messages", body, content_type=content_type).status_code == 201


@pytest.mark.wire("mielto", "create_message", "NUL, lone surrogates, NaN and Infinity are 422")
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ('"\\u0000"', "string_unstorable"),
        ('{"a\\u0000": 1}', "string_unstorable"),
        ('"\\ud800"', "string_unstorable"),
        ("NaN", "finite_number"),
        ("-Infinity", "finite_number"),
        ("1e400", "finite_number"),
        ("[" * 200 + "]" * 200, "nesting_too_deep"),
        ("9" * 5_000, "json_invalid"),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused(api: ApiClient, acme: Tenant, value, kind):
    body = '{"content": {"content": "hi", "meta_data": {"x": VALUE}}}'.replace("VALUE", value)
    response = api.post("/api/v1/messages", body)
    assert response.status_code == 422
    assert response.json()["detail"][0]["type"] == kind
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 1


@pytest.mark.wire("mielto", "create_message", "nesting of 100 is taken, of 101 refused")
def test_nesting_has_a_limit(api: ApiClient):
    assert api.post("/api/v1/messages", nested(100)).status_code == 201
    assert api.post("/api/v1/messages", nested(101)).status_code == 422


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**100])
def test_large_whole_numbers_are_kept_whole(api: ApiClient, number):
    [row] = api.post("/api/v1/messages", {"content": {"content": "hi", "meta_data": {"n": number}}}).json()
    assert row["meta_data"] == {"n": number}
    assert api.get(f"/api/v1/messages/{row['id']}").json()["meta_data"] == {"n": number}


@pytest.mark.wire("mielto", "create_message", "a body over the limit is 413 and stores nothing")
def test_a_body_over_the_limit_is_refused(api: ApiClient, acme: Tenant, settings):
    body = b'{"content": {"content": "hi"}}'
    settings.PARLEY = {"MAX_BODY_BYTES": len(body)}
    assert api.post("/api/v1/messages", body).status_code == 201
    response = api.post("/api/v1/messages", body + b" ")
    assert (response.status_code, set(response.json())) == (413, {"detail"})
    assert Message.objects.filter(content="hi").count() == 1


def test_a_body_over_djangos_own_limit_is_taken(api: ApiClient, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert api.post("/api/v1/messages", {"content": {"content": "hi" * 100}}).status_code == 201


def test_the_refused_value_is_echoed_unless_told_not_to(api: ApiClient, settings):
    body = {"content": {"content": 5}}
    assert api.post("/api/v1/messages", body).json()["detail"][0]["input"] == 5
    settings.PARLEY = {"ECHO_INVALID_INPUT": False}
    assert "input" not in api.post("/api/v1/messages", body).json()["detail"][0]
