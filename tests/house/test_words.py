"""The field's words: names use no private vocabulary, and comments hold no timings."""

import ast
import io
import re
import tokenize
from functools import cache

from tests.house.imports import ROOT, modules

OURS_ALONE = {
    "found",
    "walk",
    "walks",
    "walked",
    "beside",
    "place",
    "places",
    "placed",
    "had",
    "said",
    "beneath",
}
# Those that remarks do not need either: index scan, next to, below.
NEVER_ENGLISH = {"walk", "walks", "walked", "beside", "beneath"}
# Words of HTTP and of Python itself.
OTHERS = re.compile(r"not_?found", re.IGNORECASE)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
TIMING = re.compile(r"\d\s?(?:ms|µs|us|s)\b")

SOURCES = {
    file.relative_to(ROOT).as_posix(): file for file in modules().values() if "migrations" not in file.parts
}


@cache
def tokens(source: str) -> list[tuple[int, str]]:
    """Kind and text of each."""
    return [(token.type, token.string) for token in tokenize.generate_tokens(io.StringIO(source).readline)]


def names_of_our_own(source: str) -> list[str]:
    """The identifiers with a word that is nobody's but ours."""
    return [
        name
        for kind, name in tokens(source)
        if kind == tokenize.NAME
        and not OURS_ALONE.isdisjoint(word.lower() for word in WORD.findall(OTHERS.sub("", name)))
    ]


@cache
def remarks(source: str) -> list[str]:
    """Comments, and texts that stand for themselves: docstrings of modules, definitions and attributes."""
    comments = [text for kind, text in tokens(source) if kind == tokenize.COMMENT]
    statements = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr)]
    return comments + [str(value.value) for value in statements if isinstance(value, ast.Constant)]


def test_names_are_of_the_field():
    named = {path: set(names_of_our_own(file.read_text())) for path, file in SOURCES.items()}
    assert not {path: names for path, names in named.items() if names}


def test_remarks_hold_no_timings():
    assert not [
        f"{path}: {remark}"
        for path, file in SOURCES.items()
        for remark in remarks(file.read_text())
        if TIMING.search(remark)
    ]


def test_remarks_are_in_words_of_the_field():
    assert not [
        f"{path}: {remark}"
        for path, file in SOURCES.items()
        for remark in remarks(file.read_text())
        if not NEVER_ENGLISH.isdisjoint(re.findall(r"\w+", remark.lower()))
    ]


def test_a_word_of_our_own_is_noticed():
    source = "def walk_beside(found): return NotFound, not_found, replaced, placeholder"
    assert names_of_our_own(source) == ["walk_beside", "found"]


def test_a_timing_is_noticed():
    source = '"""Takes 0.9 ms."""\nx = 1  # 15 µs each\ny = 2\n"""Within 10 s."""\n# Level 3 starts here.\n'
    assert [bool(TIMING.search(remark)) for remark in remarks(source)] == [True, False, True, True]
