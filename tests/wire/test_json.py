"""JSON bodies of every sort: stored exactly, or refused whole, in words that name the field. Never a 500."""

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import Settings

from messaging.models import ApiKey, Conversation, IdempotencyRecord, Message, Workspace
from messaging.values.json import decode, encode, parsed_or_text
from messaging.values.problems import ValueRefused
from messaging.values.text import text_problem
from tests.cast import Tenant, make_tenant
from tests.client import ApiClient

MESSAGES = "/api/v1/messages"
TABLES = (ApiKey, Conversation, IdempotencyRecord, Message, Workspace)


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


def with_meta(value: str) -> str:
    return f'{{"content": {{"content": "hi", "meta_data": {{"v": {value}}}}}}}'


def nested(depth: int) -> str:
    """A body that is `depth` levels deep."""
    arrays = depth - 3  # the body, the message, its meta_data
    return with_meta("[" * arrays + "]" * arrays)


TEXT = ["body", "content", "content"]
META = ["body", "content", "meta_data"]
# (body, type of the error, its loc)
REFUSED = [
    pytest.param(*case, id=name)
    for name, case in {
        "NUL in text": ('{"content": {"content": "a\\u0000b"}}', "string_unstorable", TEXT),
        "NUL in a key": (with_meta('{"\\u0000": 1}'), "string_unstorable", [*META, "v"]),
        "NUL in an id": (
            '{"conversation_id": "\\u0000", "content": {"content": ""}}',
            "string_unstorable",
            ["body", "conversation_id"],
        ),
        "NUL deep": (with_meta('[0, {"a": ["\\u0000"]}]'), "string_unstorable", [*META, "v", 1, "a", 0]),
        "NUL in an unknown field": ('{"x": "\\u0000", "content": {}}', "string_unstorable", ["body", "x"]),
        "raw NUL": (b'{"content": {"content": "a\0"}}', "json_invalid", ["body", 26]),
        "raw NUL between": (b'{"content"\0: 1}', "json_invalid", ["body", 10]),
        "high surrogate": ('{"content": {"content": "\\ud800"}}', "string_unstorable", TEXT),
        "low surrogate": ('{"content": {"content": "\\udfff"}}', "string_unstorable", TEXT),
        "surrogates in the wrong order": (with_meta('"\\udc00\\ud800"'), "string_unstorable", [*META, "v"]),
        "surrogate in a key": (with_meta('{"\\ud800": 1}'), "string_unstorable", [*META, "v"]),
        "raw surrogate": (
            b'{"content": {"content": "\xed\xa0\x80"}}', "string_unstorable", TEXT
        ),
        "surrogate in UTF-16": (
            '{"content": {"content": "\ud800"}}'.encode("utf-16-le", "surrogatepass"),
            "string_unstorable",
            TEXT,
        ),
        "invalid UTF-8": (b'{"content": {"content": "\xff"}}', "json_invalid", ["body", 25]),
        "cut UTF-8": (b'{"content": {"content": "\xc3"}}', "json_invalid", ["body", 25]),
        "overlong UTF-8": (b'{"content": {"content": "\xc0\x80"}}', "json_invalid", ["body", 25]),
        "Latin-1": ('{"content": {"content": "grün"}}'.encode("latin-1"), "json_invalid", ["body", 27]),
        "1e400": (with_meta("1e400"), "finite_number", [*META, "v"]),
        "-1e400": (with_meta("[-1e400]"), "finite_number", [*META, "v", 0]),
        "NaN": (with_meta("NaN"), "finite_number", [*META, "v"]),
        "Infinity": (with_meta("Infinity"), "finite_number", [*META, "v"]),
        "-Infinity": (with_meta("[1, -Infinity]"), "finite_number", [*META, "v", 1]),
        "4,301 digits": (with_meta("9" * 4_301), "json_invalid", ["body", 0]),
        "a million digits": (with_meta("9" * 1_000_000), "json_invalid", ["body", 0]),
        "depth 101": (nested(101), "nesting_too_deep", ["body"]),
        "depth 500": (nested(500), "nesting_too_deep", ["body"]),
        "depth 1,000": (nested(1_000), "nesting_too_deep", ["body"]),
        "depth 1,025": (nested(1_025), "nesting_too_deep", ["body"]),
        "depth 100,000": (nested(100_000), "nesting_too_deep", ["body"]),
        "depth of an unknown field": ('{"x": ' + "[" * 101 + "]" * 101 + "}", "nesting_too_deep", ["body"]),
        "objects, depth 101": (with_meta('{"a":' * 98 + "1" + "}" * 98), "nesting_too_deep", ["body"]),
        "control character": ('{"content": {"content": "\x1f"}}', "json_invalid", ["body", 25]),
        "two values": ('{"content": {"content": ""}} {}', "json_invalid", ["body", 29]),
        "only a BOM": (b"\xef\xbb\xbf", "json_invalid", ["body", 0]),
        "only spaces": ("  \n", "json_invalid", ["body", 3]),
    }.items()
]  # fmt: skip

KEPT = {
    "the largest of 64 bits": str(2**63 - 1),
    "one above": str(2**63),
    "beyond unsigned": str(2**64),
    "the least of 64 bits": str(-(2**63)),
    "one below": str(-(2**63) - 1),
    "100 digits": "-" + "123456789" * 11 + "1",
    "4,300 digits": "9" * 4_300,
    "many digits in a text": '"1234567890123456789012345"',
    "a number behind such a text": f'["{"1" * 50}",{"9" * 20}]',
    "a number at once behind a bracket": "[[98765432109876543210]]",
    "a fraction": "0.1",
    "a long fraction": "0.12345678901234567",
    "2 to the 53rd and 1": str(2**53 + 1),
    "an escaped backslash before u0000": '"\\\\u0000"',
    "a pair of surrogates": '"\\ud83d\\ude00"',
    "the last code point": '"\\udbff\\udfff"',
    "line separators": '"\\u2028\\u2029\\u0085\\u007f"',
    "a noncharacter": '"\\uffff\\ufffe"',
    "empty things": '[[], {}, "", null, false, {"": {}}]',
    "a key named like a method": '{"__proto__": 1, "constructor": 2, "$ref": "#/x"}',
    "depth 100": "[" * 97 + "]" * 97,
}


@pytest.mark.django_db
class TestStored:
    @pytest.mark.parametrize("value", KEPT.values(), ids=KEPT)
    def test_a_value_comes_back_as_it_was(self, api: ApiClient, value: str):
        wanted = {"v": json.loads(value)}
        [row] = api.post(MESSAGES, with_meta(value)).json()
        assert row["meta_data"] == wanted
        assert api.get(f"{MESSAGES}/{row['id']}").json() == row
        assert api.get(f"{MESSAGES}?limit=1").json()["data"] == [row]

    def test_of_duplicate_keys_the_last_counts(self, api: ApiClient):
        body = '{"content": {"content": "a", "content": "b", "meta_data": {"k": 1, "k": {"k": 2, "k": 3}}}}'
        [row] = api.post(MESSAGES, body).json()
        assert (row["content"], row["meta_data"]) == ("b", {"k": {"k": 3}})

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_other_unicode_is_read_as_fastapi_reads_it(self, api: ApiClient, encoding: str):
        body = '{"content": {"content": "grün 😀"}}'.encode(encoding)
        assert api.post(MESSAGES, body).json()[0]["content"] == "grün 😀"

    def test_a_text_of_the_largest_body(self, api: ApiClient):
        text = "ü" * (10 * 1024 * 1024 // 2 - 100)
        [row] = api.post(MESSAGES, json.dumps({"content": {"content": text}}, ensure_ascii=False)).json()
        assert api.get(f"{MESSAGES}/{row['id']}").json()["content"] == text


@pytest.mark.django_db
class TestRefused:
    @pytest.mark.parametrize(("body", "kind", "loc"), REFUSED)
    def test_with_the_place_named_and_nothing_written(
        self, api: ApiClient, body: str | bytes, kind: str, loc: list[str | int]
    ):
        before = counts()
        response = api.post(MESSAGES, body)
        assert response.status_code == 422
        [problem] = response.json()["detail"]
        assert (problem["type"], problem["loc"]) == (kind, loc)
        assert counts() == before

    @pytest.mark.parametrize("path", ["/conversations", "/workspaces", "/api-keys"])
    @pytest.mark.parametrize("value", ['"\\u0000"', '"\\ud800"', "1e400", "[" * 200 + "]" * 200])
    def test_by_every_operation(self, api: ApiClient, path: str, value: str):
        before = counts()
        body = f'{{"title": "x", "name": "x", "label": "x", "meta_data": {{"v": {value}}}}}'
        assert api.post(f"/api/v1{path}", body).status_code == 422
        assert counts() == before

    def test_one_bad_message_of_a_batch_refuses_all(self, api: ApiClient):
        before = counts()
        batch = '{"content": [{"content": "a"}, {"content": "b\\u0000"}, {"content": "c"}]}'
        [problem] = api.post(MESSAGES, batch).json()["detail"]
        assert problem["loc"] == ["body", "content", 1, "content"]
        assert counts() == before

    def test_a_body_over_the_limit(self, api: ApiClient):
        before = counts()
        body = b'{"content": {"content": "' + b"x" * 10 * 1024 * 1024 + b'"}}'
        assert api.post(MESSAGES, body).status_code == 413
        assert counts() == before

    @pytest.mark.parametrize(("more", "status"), [(0, 201), (1, 413)])
    def test_the_limit_is_exact(self, api: ApiClient, settings: Settings, more: int, status: int):
        settings.PARLEY = {"MAX_BODY_BYTES": 1_000}
        body = '{"content": {"content": "'
        body += "x" * (1_000 + more - len(body) - 3) + '"}}'
        assert api.post(MESSAGES, body).status_code == status

    def test_the_depth_is_a_setting(self, api: ApiClient, settings: Settings):
        settings.PARLEY = {"MAX_DEPTH": 5}
        assert api.post(MESSAGES, nested(5)).status_code == 201
        assert api.post(MESSAGES, nested(6)).status_code == 422

    def test_without_repeating_it_where_the_settings_say_so(self, api: ApiClient, settings: Settings):
        settings.PARLEY = {"ECHO_INVALID_INPUT": False}
        [problem] = api.put(f"{MESSAGES}/msg_1", {"content": ["secret"]}).json()["detail"]
        assert set(problem) == {"loc", "msg", "type"}

    def test_what_is_repeated_can_be_anything(self, api: ApiClient):
        value = '{"é": [12345678901234567890123, 1e308, null, "😀", {"": []}]}'
        response = api.post(MESSAGES, f'{{"content": {{"content": {value}}}}}')
        assert response.json()["detail"][0]["input"] == json.loads(value)


class TestText:
    @pytest.mark.parametrize("text", ["", "a", "ü", "😀", "\u2028", "\uffff", "\x01"])
    def test_that_can_be_stored(self, text: str):
        assert text_problem(text) is None

    @pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "\udfff", "😀\ude00"])
    def test_that_cannot(self, text: str):
        assert text_problem(text)


floats = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(10**40), 10**40) | floats | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
# As decoders meet them: valid, nearly valid, and bytes that never were JSON.
pieces = st.sampled_from(
    [
        '{"content":',
        '{"content": "',
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        '"',
        "null",
        "true",
        "1e999",
        "-",
        "0",
        "NaN",
    ]
    + [
        "\\u0000",
        "\\ud800",
        "\\",
        "\ufeff",
        "9" * 30,
        "1.5",
        "é",
        "\x00",
        " ",
        "\n",
        '"created_at"',
        '"role"',
    ]
)


class TestProperties:
    @given(values)
    def test_what_goes_out_comes_in_again(self, value: Any):
        assert decode(encode(value)) == value

    @given(values)
    def test_what_python_writes_is_read(self, value: Any):
        for raw in (json.dumps(value), json.dumps(value, ensure_ascii=False), json.dumps(value, indent=1)):
            assert decode(raw.encode()) == value

    @given(st.binary(max_size=40) | st.lists(pieces, max_size=12).map(lambda found: "".join(found).encode()))
    def test_bytes_are_read_as_python_reads_them_or_refused(self, raw: bytes):
        try:
            value = decode(raw)
        except ValueRefused as refusal:
            assert refusal.problems[0]["loc"][0] == "body"
        else:
            assert json.dumps(value) == json.dumps(json.loads(raw))

    @given(st.floats())
    def test_only_finite_numbers(self, number: float):
        raw = json.dumps([number]).encode()
        if math.isfinite(number):
            assert decode(raw) == [number]
        else:
            with pytest.raises(ValueRefused):
                decode(raw)


FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=3_000)
messages = st.fixed_dictionaries(
    {
        "content": texts,
        "meta_data": st.dictionaries(texts, values, max_size=3),
        "tags": st.lists(texts, max_size=3) | st.none(),
        "tool_calls": st.lists(st.dictionaries(texts, values, max_size=2), max_size=2) | st.none(),
    }
)


class TestLive(TestCase):
    """The same, through the whole API: hypothesis rolls back after each example."""

    @FEW
    @given(messages)
    def test_a_message_comes_back_as_it_was(self, message: dict[str, Any]):
        comes_back(message)

    @FEW
    @given(st.lists(pieces, max_size=14))
    def test_no_body_is_a_500_or_half_written(self, found: list[str]):
        is_whole_or_refused(found)


@pytest.mark.drill
@pytest.mark.timeout(900)
class TestLiveAtLength(TestCase):
    @MANY
    @given(messages)
    def test_a_message_comes_back_as_it_was(self, message: dict[str, Any]):
        comes_back(message)

    @MANY
    @given(st.lists(pieces, max_size=30))
    def test_no_body_is_a_500_or_half_written(self, found: list[str]):
        is_whole_or_refused(found)


def comes_back(message: dict[str, Any]) -> None:
    api = ApiClient(make_tenant("hypothesis").secret)
    [row] = api.post(MESSAGES, {"content": message}).json()
    assert {name: row[name] for name in message} == message
    assert api.get(f"{MESSAGES}/{row['id']}").json() == row
    assert api.get(f"{MESSAGES}?limit=1").json()["data"] == [row]


def is_whole_or_refused(found: list[str]) -> None:
    api = ApiClient(make_tenant("hypothesis").secret)
    before = counts()
    response = api.post(MESSAGES, "".join(found).encode("utf-8", "surrogatepass"))
    assert response.status_code in (201, 422)
    assert response.status_code == 201 or counts() == before


@pytest.mark.parametrize(
    "text",
    [
        "[" * 101 + "]" * 101,
        '{"a": "\\ud800"}',
        '{"a": "\\u0000"}',
        "[1e400]",
        "[NaN]",
        "[" + "{}," * 250_000 + "0]",
        "9" * 5_000,
    ],
)
def test_json_within_a_text_that_no_body_could_hold_stays_text(text):
    assert parsed_or_text(text) is text


@pytest.mark.parametrize("arguments", ["[" * 400 + "]" * 400, '{"a": "\\ud800"}', '{"a": "\\u0000"}'])
def test_a_call_with_such_arguments_is_stored_and_read(api: ApiClient, acme: Tenant, arguments):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    calling = {"role": "assistant", "content": "x", "tool_calls": [call]}
    answer = {"role": "tool", "content": arguments, "tool_call_id": "c"}
    body = {"conversation_id": acme.conversation.pk, "content": [calling, answer]}
    assert api.post(MESSAGES, body).status_code == 201
    [part] = api.get(f"/v1/threads/{acme.conversation.pk}/messages?limit=2&include_parts=true").json()[1][
        "parts"
    ][1:]
    assert part["args"] == arguments
    for path in (f"{MESSAGES}?limit=10", f"/openai/v1/conversations/{acme.conversation.pk}/items"):
        assert api.get(path).status_code == 200
