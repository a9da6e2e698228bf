"""Translations: every text for people goes through gettext, and the German catalogue has all of them."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogue import (
    CATALOGUES,
    LANGUAGES,
    Entry,
    Text,
    compiled,
    path_of,
    placeholders,
    read,
    texts_of,
)
from tests.house.imports import ROOT

FILES = [(name, language) for name in CATALOGUES for language in LANGUAGES]
SHOWN = {"description", "label", "help_text", "search_help_text", "title", "warning", "verb", "past"} | {
    "verbose_name",
    "verbose_name_plural",
}
"""Keywords and attributes of the admin that people read."""
REPORTS = {"ValidationError", "message_user", "page"}
"""Calls whose texts people read."""
CODE = re.compile(r"<(code|script|style)\b.*?</\1>", re.DOTALL)
TRANSLATED = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}", re.DOTALL)
CLASSES = re.compile(r"{% block bodyclass %}.*?{% endblock(?: bodyclass)? %}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}|{% comment.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
TOLD = re.compile(r'\b(?:alt|title|aria-label|placeholder)="([^"]*)"|type="submit"[^>]*value="([^"]*)"')
NAMES = {"Parley", "Parley API reference", "OpenAPI 3.1", "| Parley", "s"}
"""What is the same in every language."""


@pytest.mark.parametrize(("catalogue", "language"), FILES)
def test_a_catalogue_has_what_the_sources_ask_for_and_no_more(catalogue: str, language: str):
    """`python -m tests.catalogue` brings it up to date."""
    assert set(read(path_of(catalogue, language))) == set(texts_of(catalogue))


@pytest.mark.parametrize(("catalogue", "language"), FILES)
def test_everything_is_translated(catalogue: str, language: str):
    entries = read(path_of(catalogue, language)).values()
    assert not [entry.text for entry in entries if not entry.is_translated]


@pytest.mark.parametrize(("catalogue", "language"), FILES)
def test_a_translation_is_given_the_same_values(catalogue: str, language: str):
    for text, entry in read(path_of(catalogue, language)).items():
        for number, translation in enumerate(entry.translations):
            original = text.plural if number and text.plural else text.id
            assert placeholders(translation) <= placeholders(original), text
            assert placeholders(text.id) <= placeholders(translation) or text.plural, text


@pytest.mark.parametrize(("catalogue", "language"), FILES)
def test_the_compiled_form_is_of_this_catalogue(catalogue: str, language: str):
    entries = read(path_of(catalogue, language)).values()
    assert path_of(catalogue, language, ".mo").read_bytes() == compiled(language, entries)


def test_the_compiled_form_is_what_gettext_reads(tmp_path: Path):
    entries = [
        Entry(Text("Delete"), ["löschen"]),
        Entry(Text("%(n)s day", "%(n)s days"), ["%(n)s Tag", "%(n)s Tage"]),
        Entry(Text("From", context="day"), ["Von"]),
        Entry(Text("fuzzy"), ["unklar"], is_fuzzy=True),
    ]
    file = tmp_path / "django.mo"
    file.write_bytes(compiled("de", entries))
    with file.open("rb") as opened:
        german = gettext.GNUTranslations(opened)
    assert german.gettext("Delete") == "löschen"
    assert [german.ngettext("%(n)s day", "%(n)s days", n) for n in (1, 2)] == ["%(n)s Tag", "%(n)s Tage"]
    assert german.pgettext("day", "From") == "Von"
    assert german.gettext("fuzzy") == "fuzzy"


def test_templates_hold_no_text_of_their_own():
    folders = (ROOT / "templates", ROOT / "messaging" / "templates", ROOT / "threads")
    files = [file for folder in folders for file in folder.rglob("*.html")]
    own = {file.name: list(_own_texts(file.read_text())) for file in files}
    assert files
    assert not {name: texts for name, texts in own.items() if texts}


def test_a_text_of_a_template_is_noticed():
    template = '{% if a %}<p title="Hint">Hello {{ name }}</p>{% endif %}<input type="submit" value="Go">'
    assert list(_own_texts(template)) == ["Hint", "Go", "Hello"]


def test_code_of_the_admin_shows_no_text_of_its_own():
    files = [*(ROOT / "messaging" / "admin").rglob("*.py"), *(ROOT / "messaging" / "models").rglob("*.py")]
    own = {file.name: list(_own_strings(file.read_text())) for file in files}
    assert not {name: texts for name, texts in own.items() if texts}


def test_a_text_of_the_code_is_noticed():
    source = 'title = "Hint"\nf(label=f"Of {x}", help_text=_("Fine"))\nraise ValidationError("No")\n'
    assert list(_own_strings(source)) == ["Hint", "f'Of {x}'", "No"]


def _own_texts(template: str) -> Iterator[str]:
    """The words of a template that nobody translates."""
    bare = CLASSES.sub("", TRANSLATED.sub("", COMMENT.sub("", template)))
    told = [TAGS.sub("", text) for pair in TOLD.findall(TAGS.sub(" ", bare)) for text in pair]
    texts = [*told, *re.split(r"<[^>]*>", TAGS.sub("", CODE.sub("", bare)))]
    for text in (text.strip() for text in texts):
        if re.search(r"[^\W\d_]", text) and text not in NAMES:
            yield text


def _own_strings(source: str) -> Iterator[str]:
    """The texts that the source gives to people as they are."""
    for node in ast.walk(ast.parse(source)):
        values: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            values = [keyword.value for keyword in node.keywords if keyword.arg in SHOWN]
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in REPORTS:
                values += node.args[2:] if name == "page" else node.args
        elif isinstance(node, ast.Assign):
            values = [node.value] if getattr(node.targets[0], "id", "") in SHOWN else []
        elif isinstance(node, ast.AnnAssign):
            values = [node.value] if getattr(node.target, "id", "") in SHOWN else []
        for value in values:
            if isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and value.value):
                yield str(value.value) if isinstance(value, ast.Constant) else ast.unparse(value)
