"""What no well-meaning client sends: odd headers, paths, queries and lengths. Never a 500, never HTML."""

from typing import Any

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

MESSAGES = "/api/v1/messages"


class TestQuery:
    def test_more_parameters_than_django_takes(self, api: ApiClient, settings: Any):
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
        query = "&".join(f"p{number}=1" for number in range(90))
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
        wanted = ",".join(f"t{number}" for number in range(100))
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


class TestPath:
    @pytest.mark.parametrize(
        "path", ["", "/", "/nothing", "/foo/%0A/bar", "/messages/a%2Fb", "//messages", "/a/b/c/"]
    )
    def test_what_is_no_operation_is_json(self, api: ApiClient, path: str):
        response = api.client.get(f"{api.prefix}/api/v1{path}", headers=api.headers)
        assert response.status_code == 404
        if path:  # without its slash the root is not ours but the site's
            assert (response["Content-Type"], response.content) == (
                "application/json",
                b'{"detail":"Not Found"}',
            )

    @pytest.mark.parametrize(
        "text", ["%00", "%FF%FE", "%zz%", "a%0Ab", "%E2%80%AE", "x" * 100_000, "%F0%9F%98%80"]
    )
    def test_an_id_of_any_form_is_not_found(self, api: ApiClient, text: str):
        response = api.get(f"{MESSAGES}/{text}")
        assert (response.status_code, response.json()) == (404, {"detail": "Message not found"})


class TestMethod:
    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"])
    def test_another_is_not_allowed(self, api: ApiClient, method: str):
        response = api.call(method, MESSAGES)
        assert (response.status_code, response.json()) == (405, {"detail": "Method Not Allowed"})
        assert {"GET", "POST"} <= set(response["Allow"].split(", "))

    def test_head_answers_like_get_without_a_body(self, api: ApiClient):
        response = api.client.head(api.prefix + MESSAGES, headers=api.headers)
        assert (response.status_code, response.content) == (200, b"")


class TestValues:
    @pytest.mark.parametrize("path", ["/api/v1/messages?skip", "/api/v1/conversations?page"])
    def test_a_place_beyond_every_database(self, api: ApiClient, path: str):
        page = api.get(f"{path}=99999999999999999999").json()
        assert (page["data"], page["has_more"], page["next_page"]) == ([], False, None)

    @pytest.mark.parametrize("letter", ["%CE%90", "%25", "_", "%5C", "%F0%9F%98%80"])
    def test_the_longest_search(self, api: ApiClient, letter: str):
        assert api.get(f"{MESSAGES}?search={letter * 1_000}").json()["data"] == []

    def test_a_long_filter_and_a_long_cursor(self, api: ApiClient):
        assert api.get(f"{MESSAGES}?sender_id={'x' * 10_000}").json()["data"] == []
        assert api.get(f"{MESSAGES}?cursor={'x' * 10_000}").status_code == 422

    def test_an_empty_batch_opens_no_conversation(self, api: ApiClient):
        before = api.get("/api/v1/conversations").json()["total_count"]
        response = api.post(MESSAGES, {"content": []})
        assert (response.status_code, response.json()) == (201, [])
        assert api.get("/api/v1/conversations").json()["total_count"] == before

    def test_more_workspaces_than_a_statement_has_room_for(self, api: ApiClient):
        ids = [f"wsp_{number}" for number in range(200_000)]
        response = api.post("/api/v1/api-keys", {"label": "wide", "workspace_ids": ids})
        assert response.json()["detail"][0]["loc"] == ["body", "workspace_ids"]


class TestHeaders:
    @pytest.mark.parametrize("value", ["\x00", "x" * 100_000, "\xff", "' OR 1=1 --"])
    def test_a_workspace_of_any_form_is_not_found(self, api: ApiClient, value: str):
        assert api.get(MESSAGES, X_Workspace_Id=value).status_code == 404

    @pytest.mark.parametrize("value", ["\x00", "u" * 256])
    def test_an_end_user_that_cannot_be_stored(self, api: ApiClient, value: str):
        response = api.post(MESSAGES, {"content": {"content": "hi"}}, X_User_Id=value)
        assert response.json()["detail"][0]["loc"] == ["header", "x-user-id"]

    @pytest.mark.parametrize("value", ["", "\x00", "k" * 256])
    def test_an_idempotency_key_that_cannot_be_stored(self, api: ApiClient, value: str):
        response = api.post(MESSAGES, {"content": {"content": "hi"}}, Idempotency_Key=value)
        assert response.json()["detail"][0]["loc"] == ["header", "Idempotency-Key"]

    @pytest.mark.parametrize(
        "value", ["Basic YTpi", "Bearer", "Bearer  ", "Bearer x y", "\xff", "parley_", "x" * 9_000]
    )
    def test_an_authorization_of_any_form(self, api: ApiClient, value: str):
        assert api.get(MESSAGES, Authorization=value).status_code == 401

    @pytest.mark.parametrize(
        "accept", ["text/html", "image/png", "", "*/*;q=0", "application/json; indent=4"]
    )
    def test_whatever_is_accepted_is_json_on_one_line(self, api: ApiClient, accept: str):
        response = api.get(MESSAGES, Accept=accept)
        assert response["Content-Type"] == "application/json"
        assert b"\n" not in response.content
