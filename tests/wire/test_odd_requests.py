"""What no well-meaning client sends: odd headers, paths, queries and lengths. Never a 500, never HTML."""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

MESSAGES = "/api/v1/messages"


class TestQuery:
    def test_more_parameters_than_django_takes(self, api: ApiClient):
        query = "&".join(f"p{number}=1" for number in range(5_000))
        assert api.get(f"{MESSAGES}?{query}&limit=1").json()["limit"] == 1

    @pytest.mark.parametrize("charset", ["base64", "rot13", "utf-16", "idna", "undefined", "latin-1", "x"])
    def test_the_charset_of_a_body_is_not_that_of_the_query(self, api: ApiClient, acme: Tenant, charset: str):
        api.post(MESSAGES, {"content": {"content": "grün", "role": "gärtner"}})
        response = api.get(
            f"{MESSAGES}?role=g%C3%A4rtner", **{"content-type": f"application/json; charset={charset}"}
        )
        assert [row["content"] for row in response.json()["data"]] == ["grün"]

    def test_bytes_that_were_not_escaped_are_utf_8(self, api: ApiClient):
        api.post(MESSAGES, {"content": {"content": "grün", "role": "gärtner"}})
        query = "role=gärtner".encode().decode("latin-1")
        response = api.client.get(api.prefix + MESSAGES, headers=api.headers, QUERY_STRING=query)
        assert response.json()["total_count"] == 1

    def test_invalid_escapes_are_text(self, api: ApiClient):
        assert api.get(f"{MESSAGES}?role=%zz%").json()["total_count"] == 0

    def test_the_last_of_a_repeated_parameter_counts(self, api: ApiClient):
        assert api.get(f"{MESSAGES}?limit=x&limit=1").json()["limit"] == 1

    @pytest.mark.parametrize(("mode", "found"), [("any", ["two", "one"]), ("all", [])])
    def test_many_tags(self, api: ApiClient, mode: str, found: list[str]):
        for text, tags in (("none", None), ("empty", []), ("one", ["t1"]), ("two", ["t7", "x"])):
            api.post(MESSAGES, {"content": {"content": text, "tags": tags}})
        wanted = ",".join(f"t{number}" for number in range(3_000))
        rows = api.get(f"{MESSAGES}?tags={wanted}&tags_mode={mode}").json()["data"]
        assert [row["content"] for row in rows] == found

    def test_all_of_a_few_tags(self, api: ApiClient):
        for text, tags in (("both", ["a", "b", "c"]), ("one", ["a"]), ("none", None)):
            api.post(MESSAGES, {"content": {"content": text, "tags": tags}})
        rows = api.get(f"{MESSAGES}?tags=a,b,a&tags_mode=all").json()["data"]
        assert [row["content"] for row in rows] == ["both"]


class TestLength:
    @pytest.mark.parametrize("length", ["²", "9" * 5_000, "-1", "x"])
    def test_a_length_that_is_none_is_no_body(self, api: ApiClient, length: str):
        response = api.client.generic(
            "POST",
            api.prefix + MESSAGES,
            b"{}",
            content_type="application/json",
            headers=api.headers,
            CONTENT_LENGTH=length,
        )
        assert response.status_code == 422

    def test_a_body_longer_than_announced_is_cut(self, api: ApiClient):
        response = api.client.generic(
            "POST",
            api.prefix + MESSAGES,
            b'{"content": {"content": "hi"}}',
            content_type="application/json",
            headers=api.headers,
            CONTENT_LENGTH="5",
        )
        assert response.json()["detail"][0]["type"] == "json_invalid"
