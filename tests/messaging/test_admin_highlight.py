"""What a search found is marked where it stands in the text, and everything else stays text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.admin.lists.highlight import highlight, snippet
from messaging.values.text import fold

# Characters that fold into several, or into others.
LETTERS = st.text("aAsSßẞİiıΣςσﬁǰ<&'\" ", max_size=30)


@pytest.mark.parametrize(
    ("text", "term", "marked"),
    [
        ("Refund please", "refund", "<mark>Refund</mark> please"),
        ("no such word", "refund", "no such word"),
        ("nothing sought", "", "nothing sought"),
        ("Straße 5", "STRASSE", "<mark>Straße</mark> 5"),
        ("Straße 5", "sse", "Stra<mark>ße</mark> 5"),
        ("ß", "s", "<mark>ß</mark>"),
        ("sßs", "ss", "<mark>sß</mark><mark>s</mark>"),
        ("İstanbul kapalı", "kapal", "İstanbul <mark>kapal</mark>ı"),
        ("ΟΔΟΣ", "οδος", "<mark>ΟΔΟΣ</mark>"),
        ("aaaa", "aa", "<mark>aa</mark><mark>aa</mark>"),
    ],
)
def test_a_match_is_marked_in_the_text_as_it_was_written(text: str, term: str, marked: str):
    assert highlight(text, term) == marked


def test_markup_in_text_and_term_is_text():
    assert highlight("<b>&amp;</b>", "<b>") == "<mark>&lt;b&gt;</mark>&amp;amp;&lt;/b&gt;"
    assert snippet('"><script>', "script") == "&quot;&gt;&lt;<mark>script</mark>&gt;"


@given(LETTERS, LETTERS)
def test_it_marks_exactly_when_the_search_finds(text: str, term: str):
    assert ("<mark>" in highlight(text, term)) == (term != "" and fold(term) in fold(text))


@given(LETTERS, LETTERS)
def test_without_the_marks_it_is_the_text(text: str, term: str):
    assert re.sub("</?mark>", "", highlight(text, term)) == highlight(text, "")


def test_a_snippet_shows_the_first_match_and_what_is_around_it():
    text = "x" * 500 + " the refund " + "y" * 500
    assert snippet(text, "REFUND", around=6) == "…x the <mark>refund</mark> yyyyy…"


def test_a_snippet_of_no_match_is_the_beginning():
    assert snippet("abcdefgh", "zzz", around=2) == "abcd…"
    assert snippet("short") == "short"


def test_a_long_line_is_marked_in_time():
    line = "ß" + "x" * 1_000_000 + "needle"
    assert snippet(line, "Needle", around=3) == "…xxx<mark>needle</mark>"
