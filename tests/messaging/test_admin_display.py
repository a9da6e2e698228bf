"""Values of any size as text of a page."""

import pytest

from messaging.admin.display import Shown, brief, shown_json, shown_text


def test_json_is_indented_its_keys_in_their_order():
    assert shown_json({"b": [1], "a": "ß"}, 100) == Shown(
        '{\n  "b": [\n    1\n  ],\n  "a": "ß"\n}', False, True
    )


def test_a_text_that_holds_json_is_shown_as_json():
    assert shown_json('{"a":1}', 100) == Shown('{\n  "a": 1\n}', is_json=True)


@pytest.mark.parametrize("text", ["", "hello", "{broken", "12", '"quoted"', "[" * 100_000])
def test_other_texts_stay_what_they_are(text: str):
    assert shown_json(text, None) == Shown(text)


def test_no_more_is_encoded_than_is_shown():
    endless = {"rows": list(range(500_000))}
    assert shown_json(endless, 50).is_cut
    assert len(shown_json(endless, 50).text) == 50


def test_what_is_nested_too_deeply_is_said_to_be():
    value: list[object] = []
    for _ in range(5_000):
        value = [value]
    assert shown_json(value, None) == Shown("(nested too deeply to be shown)", is_cut=True, is_json=True)


@pytest.mark.parametrize(("text", "is_cut"), [("x" * 10, False), ("x" * 11, True)])
def test_a_text_is_cut_at_the_limit(text: str, is_cut: bool):
    assert shown_text(text, 10) == Shown("x" * 10, is_cut)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (None, ""),
        ({}, ""),
        (0, "0"),
        ({"a": [1]}, '{"a": [1]}'),
        ("two\n lines", "two lines"),
        ("x" * 11, "x" * 10 + "…"),
        ({"a": "x" * 50}, '{"a": "xxx…'),
    ],
)
def test_brief_is_one_line(value: object, line: str):
    assert brief(value, 10) == line
