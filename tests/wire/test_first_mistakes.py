"""What a developer in a hurry sends: each mistake is answered with what it was."""

import gzip
import json
import zlib
from typing import Any

import pytest
from pytest_django import Settings

from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

MESSAGES = "/api/v1/messages"
CREATE = {"content": {"content": "hi"}}
NESTED = '{"content": {"role": "user", "content": "Hello"}}'
BARE = '{"role": "user", "content": "Hello"}'


def hints(response: Any) -> set[str]:
    assert response.status_code == 422, response.content
    return {problem.get("hint", "") for problem in response.json()["detail"]}


class TestNesting:
    @pytest.mark.parametrize("body", [{"role": "user", "content": "hi"}, {"content": "hi"}])
    def test_a_flat_message(self, api: ApiClient, body: Any):
        assert hints(api.post(MESSAGES, body)) == {f"The message stands under `content`: {NESTED}"}

    def test_a_bare_array(self, api: ApiClient):
        [hint] = hints(api.post(MESSAGES, [{"role": "user", "content": "hi"}]))
        assert '{"content": [' in hint

    @pytest.mark.parametrize("body", [CREATE, {"content": [{"role": "user", "content": "hi"}]}, []])
    def test_a_nested_message_where_it_is_flat(self, api: ApiClient, acme: Tenant, body: Any):
        for path in (f"/api/v1/conversations/{acme.conversation.pk}/messages",):
            assert any(hint.endswith(BARE) for hint in hints(api.post(path, body)))

    @pytest.mark.parametrize("body", [{"role": "user"} | CREATE, []])
    def test_the_same_in_a_thread(self, api: ApiClient, acme: Tenant, body: Any):
        path = f"/v1/threads/{acme.conversation.pk}/messages"
        assert any(hint.endswith(BARE) for hint in hints(api.post(path, body)))

    def test_messages_as_their_key(self, api: ApiClient):
        assert hints(api.post(MESSAGES, {"messages": [{"content": "hi"}]})) == {
            "`messages` is not known here; did you mean `content`?"
        }

    def test_a_misspelt_key_that_is_needed(self, api: ApiClient, acme: Tenant):
        response = api.post(f"/v1/threads/{acme.conversation.pk}/messages", {"roel": "user", "content": "hi"})
        assert hints(response) == {"`roel` is not known here; did you mean `role`?"}

    def test_what_an_assistant_says_in_a_thread(self, api: ApiClient, acme: Tenant):
        path = f"/v1/threads/{acme.conversation.pk}/messages"
        [hint] = hints(api.post(path, {"role": "assistant", "content": "hi"}))
        assert "comes in through a run" in hint

    def test_parts_of_a_chat_completion_in_a_thread(self, api: ApiClient, acme: Tenant):
        path = f"/v1/threads/{acme.conversation.pk}/messages"
        content = [{"type": "text", "text": "hi"}]
        assert any(
            "`input_text`" in hint for hint in hints(api.post(path, {"role": "user", "content": content}))
        )


class TestBody:
    def test_what_curl_sends_unless_told_otherwise(self, api: ApiClient):
        form = "application/x-www-form-urlencoded"
        assert hints(api.post(MESSAGES, json.dumps(CREATE), content_type=form)) == {
            f"The body came as `{form}`: send `Content-Type: application/json`"
        }

    def test_no_content_type(self, api: ApiClient):
        response = api.client.generic(
            "POST", api.prefix + MESSAGES, json.dumps(CREATE), content_type="", headers=api.headers
        )
        assert hints(response) == {
            "The body came without a Content-Type: send `Content-Type: application/json`"
        }

    @pytest.mark.parametrize("body", ["{'content': 1}", "content=hi", "{content: 1}", "'{}'"])
    def test_no_json(self, api: ApiClient, body: str):
        assert any("double quotes" in hint for hint in hints(api.post(MESSAGES, body)))

    def test_json_within_json(self, api: ApiClient):
        assert hints(api.post(MESSAGES, json.dumps(json.dumps(CREATE)))) == {
            "The body is a text that holds JSON: encode it once"
        }


class TestCompressedBody:
    def post(self, api: ApiClient, body: bytes, encoding: str = "gzip") -> Any:
        return api.post(MESSAGES, body, content_encoding=encoding)

    @pytest.mark.wire("mielto", "create_message", "a body may come as gzip, within the limit for bodies")
    @pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
    def test_gzip(self, api: ApiClient, encoding: str):
        response = self.post(api, gzip.compress(json.dumps(CREATE).encode()), encoding)
        assert response.json()[0]["content"] == "hi"

    def test_several_members(self, api: ApiClient):
        raw = json.dumps(CREATE).encode()
        assert self.post(api, gzip.compress(raw[:9]) + gzip.compress(raw[9:])).status_code == 201

    def test_a_bomb_is_never_unpacked(self, api: ApiClient, settings: Settings):
        settings.PARLEY = {**getattr(settings, "PARLEY", {}), "MAX_BODY_BYTES": 100_000}
        bomb = gzip.compress(b" " * 50_000_000)
        assert len(bomb) < 100_000
        assert self.post(api, bomb).status_code == 413
        assert self.post(api, gzip.compress(b" " * 60_000) * 2).status_code == 413

    def test_members_are_limited(self, api: ApiClient):
        empty, raw = gzip.compress(b""), gzip.compress(json.dumps(CREATE).encode())
        assert self.post(api, empty * 999 + raw).status_code == 201
        [problem] = self.post(api, empty * 400_000 + raw).json()["detail"]
        assert problem["msg"] == "The gzip of the body has more than 1,000 members"

    # The time within a gzip head would make other names on each process of the tests.
    @pytest.mark.parametrize(
        "body",
        [b"{}", gzip.compress(b"{}")[:-3], gzip.compress(b"{}") + b"x"],
        ids=["plain", "cut off", "followed"],
    )
    def test_what_is_no_gzip(self, api: ApiClient, body: bytes):
        response = self.post(api, body)
        assert (response.status_code, response.json()["detail"][0]["type"]) == (422, "gzip_invalid")

    @pytest.mark.wire("mielto", "create_message", "415 for an encoding other than gzip")
    @pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "é" * 500])
    def test_another_encoding(self, api: ApiClient, encoding: str):
        response = self.post(api, zlib.compress(b"{}"), encoding)
        assert (response.status_code, response["Accept-Encoding"]) == (415, "gzip")
        assert len(response.content) < 200

    def test_a_retry_may_be_compressed_otherwise(self, api: ApiClient):
        raw = json.dumps(CREATE).encode()
        first = api.post(MESSAGES, raw, idempotency_key="k")
        again = api.post(MESSAGES, gzip.compress(raw), idempotency_key="k", content_encoding="gzip")
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")


class TestQuery:
    EMPTY = (
        "skip=&limit=&order_by=&order_direction=&cursor=&tags_mode=&created_after=&created_before=&after_seq="
        "&before_seq=&role=&tags=&search=&conversation_id="
    )

    @pytest.mark.wire("mielto", "list_messages", "an empty parameter of any type counts as not given")
    def test_empty_parameters_of_messages(self, api: ApiClient, acme: Tenant):
        assert api.get(f"{MESSAGES}?{self.EMPTY}").content == api.get(MESSAGES).content

    @pytest.mark.wire("mielto", "list_conversations", "an empty parameter of any type counts as not given")
    def test_empty_parameters_of_conversations(self, api: ApiClient, acme: Tenant):
        empty = "status=&is_public=&user_id=&page=&skip=&limit=&cursor=&direction=&sort_by=&sort_order="
        path = "/api/v1/conversations"
        assert api.get(f"{path}?{empty}").content == api.get(path).content

    @pytest.mark.wire("seekrflow", "list_messages", "an empty parameter of any type counts as not given")
    def test_empty_parameters_of_threads(self, api: ApiClient, acme: Tenant):
        empty = "limit=&order=&offset=&created_after=&include_parts=&role=&after="
        path = f"/v1/threads/{acme.conversation.pk}/messages"
        assert api.get(f"{path}?{empty}").content == api.get(path).content

    def test_blanks_are_no_number(self, api: ApiClient):
        assert api.get(f"{MESSAGES}?limit=%20").status_code == 422

    def test_a_time_without_an_offset_is_utc(self, api: ApiClient, acme: Tenant):
        [row] = api.post(MESSAGES, {"content": {"content": "x", "created_at": "2024-05-01T12:00:00"}}).json()
        assert row["sent_at"] == "2024-05-01T12:00:00Z"
        for second, count in (("01", 1), ("00", 0)):
            listed = api.get(f"{MESSAGES}?created_before=2024-05-01T12:00:{second}").json()
            assert listed["total_count"] == count

    @pytest.mark.wire(
        "mielto", "list_messages", "an unknown conversation_id is 404, as is one of another workspace"
    )
    def test_an_unknown_conversation(self, api: ApiClient, acme: Tenant, globex: Tenant):
        for unknown in ("conv_none", globex.conversation.pk):
            response = api.get(f"{MESSAGES}?conversation_id={unknown}")
            assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})
        nothing = api.get(f"{MESSAGES}?conversation_id={acme.conversation.pk}&role=none")
        assert (nothing.status_code, nothing.json()["data"]) == (200, [])
