"""Cutting a source into records: whatever the pieces it comes in, and whatever a record holds."""

import json

import pytest
from hypothesis import strategies as st

from messaging.transfer.records import Record, cut
from messaging.transfer.source import SourceBroken
from tests.generated import made_up

VALUES = [{"text": 'a "quoted" \\ {[,]} \n end'}, {"list": [1, [2, {"three": "}"}]]}, {"empty": {}}]


def pieces(source: bytes, size: int) -> list[bytes]:
    return [source[start : start + size] for start in range(0, len(source), size)]


def parsed(records: list[Record]) -> list[object]:
    return [json.loads(record.raw) for record in records]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize(
    "source",
    [
        b"\n".join(json.dumps(value).encode() for value in VALUES),
        json.dumps(VALUES).encode(),
        json.dumps(VALUES, indent=2).encode(),
        b"\xef\xbb\xbf \n" + json.dumps(VALUES).encode() + b"\n\n",
        b"\r\n".join(json.dumps(value).encode() for value in VALUES),
    ],
    ids=["lines", "array", "pretty", "mark", "windows"],
)
def test_every_record_comes_whole(source: bytes, size: int):
    assert parsed(list(cut(pieces(source, size)))) == VALUES


def test_records_know_their_lines():
    records = list(cut([json.dumps(VALUES, indent=1).encode()]))
    assert [(record.number, record.line) for record in records] == [(1, 2), (2, 5), (3, 16)]
    records = list(cut([b'{"a": 1}\n\n{"b": 2}\n']))
    assert [(record.number, record.line) for record in records] == [(1, 1), (2, 3)]


def test_a_single_object_over_many_lines_is_one_record():
    [record] = cut([json.dumps(VALUES[1], indent=2).encode()])
    assert json.loads(record.raw) == VALUES[1]


def test_a_broken_line_spoils_no_other():
    records = list(cut([b'{"a": 1}\n{"b": "\n{"c": 3}\n']))
    assert [record.raw for record in records] == [b'{"a": 1}', b'{"b": "', b'{"c": 3}']


def test_a_broken_element_spoils_no_other():
    records = list(cut([b'[{"a": 1}, {"b": nope}, {"c": 3}]']))
    assert [record.raw for record in records] == [b'{"a": 1}', b'{"b": nope}', b'{"c": 3}']


@pytest.mark.parametrize("source", [b'[{"a": 1}, {"b": ', b'[{"a": 1}, {"b": "text', b'[{"a": 1},'])
def test_a_source_that_breaks_off_says_so(source: bytes):
    first, last = cut([source])
    assert json.loads(first.raw) == {"a": 1}
    assert last.problem == "The source breaks off here"


@pytest.mark.parametrize("around", [b"%s", b"[%s]"])
def test_a_record_that_is_too_long_is_dropped_and_the_next_is_not(around: bytes):
    separator = b",\n" if b"[" in around else b"\n"
    long, short = json.dumps({"long": "x" * 1_000}).encode(), b'{"short": 1}'
    source = around % separator.join([short, long, short])
    first, second, third = cut(pieces(source, 64), limit=200)
    assert (first.raw, second.raw, third.raw) == (short, b"", short)
    assert second.problem == "Larger than 200 bytes"
    assert [record.line for record in (first, second, third)] == [1, 2, 3]


def test_elements_know_their_array():
    records = list(cut([b'[{"a": 1}, {"b": 2}]\n[{"c": 3}]\n']))
    assert [record.array for record in records] == [1, 1, 2]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@made_up(
    20,
    500,
    values=st.lists(st.dictionaries(st.text(), JSON, min_size=1), min_size=1, max_size=5),
    indent=st.sampled_from([None, 1]),
    as_array=st.booleans(),
    size=st.integers(1, 50),
)
def test_whatever_it_holds(values, indent, as_array, size):
    source = json.dumps(values, indent=indent) if as_array else "\n".join(map(json.dumps, values))
    assert parsed(list(cut(pieces(source.encode(), size)))) == values


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_string_may_hold_any_escape_across_pieces(size: int):
    value = {"text": '\\"\\\\"]}[{ \\', "more": [['"']]}
    assert parsed(list(cut(pieces(json.dumps([value, value]).encode(), size)))) == [value, value]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"[" * 20_000_000, "nests deeper than 1,000 levels"),
        (b"[[" + b"[]," * 1_100_000, "more than 1,000,000 values"),
    ],
    ids=["deep", "many"],
)
def test_what_no_conversation_holds_ends_the_reading(source: bytes, reason: str):
    with pytest.raises(SourceBroken, match=reason):
        list(cut(pieces(source, 256 * 1024)))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "source",
    [b"\n" * 20_000_000, b'["' + b'\\"' * 10_000_000, b'{"a": "' + b"\\\\" * 10_000_000],
    ids=["blank lines", "quotes", "backslashes"],
)
def test_what_goes_on_and_on_is_read_in_one_go(source: bytes):
    assert len(list(cut(pieces(source, 256 * 1024)))) <= 1
