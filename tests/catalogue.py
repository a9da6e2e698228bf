"""The catalogues of translations: what the sources ask for, what a catalogue says, and its compiled form.

`python -m tests.catalogue` adds to each catalogue what is missing, drops what nobody asks for, and compiles
it. It needs nothing of GNU gettext. Which texts are still to be translated, it prints.
"""

import ast
import re
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import django
from django.conf import settings
from django.utils.translation.template import templatize

from tests.house.imports import ROOT

LANGUAGES = ("de",)
CATALOGUES = {"messaging": ("messaging", "threads"), "config": ("config", "templates")}
"""The folder that a catalogue lies in, and those that it is for."""
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), ("id",)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ("id", "plural")),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ("context", "id")),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ("context", "id", "plural")),
}
"""Functions that translate, and what their first arguments are."""
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"\b(_|n?p?gettext)\(({LITERAL}(?:, {LITERAL})*)")
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
HEADER = """Project-Id-Version: django-parley
Language: {language}
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
Plural-Forms: nplurals=2; plural=(n != 1);
"""


class Text(NamedTuple):
    """A text of the sources, in English."""

    id: str
    plural: str | None = None
    context: str | None = None


@dataclass(slots=True)
class Entry:
    """What a catalogue says for a text: one translation, or one for each form of the plural."""

    text: Text
    translations: list[str]
    is_fuzzy: bool = False
    comments: list[str] = field(default_factory=list)

    @property
    def is_translated(self) -> bool:
        return not self.is_fuzzy and all(self.translations)


def placeholders(text: str) -> set[str]:
    """The names that a text has to be given values for."""
    return {name for pair in PLACEHOLDER.findall(text) for name in pair if name}


def texts_of(catalogue: str) -> dict[Text, list[str]]:
    """What the sources of a catalogue have translated, and the files that ask for each."""
    asked: dict[Text, list[str]] = {}
    for folder in CATALOGUES[catalogue]:
        for file in sorted((ROOT / folder).rglob("*")):
            for text in _texts_in(file):
                asked.setdefault(text, []).append(file.relative_to(ROOT).as_posix())
    return asked


def _texts_in(file: Path) -> Iterator[Text]:
    if file.suffix == ".py" and "migrations" not in file.parts:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                yield from _text(name, [a.value if isinstance(a, ast.Constant) else None for a in node.args])
    elif file.suffix == ".html":
        for name, literals in IN_TEMPLATE.findall(templatize(file.read_text())):
            yield from _text(name, [ast.literal_eval(text) for text in re.findall(LITERAL, literals)])


def _text(name: str, arguments: Iterable[object]) -> Iterator[Text]:
    given = dict(zip(CALLS.get(name, ()), arguments, strict=False))
    if given and all(isinstance(value, str) for value in given.values()):
        yield Text(**given)  # type: ignore[arg-type]


def path_of(catalogue: str, language: str, suffix: str = ".po") -> Path:
    """Where a catalogue lies."""
    return ROOT / catalogue / "locale" / language / "LC_MESSAGES" / f"django{suffix}"


def read(file: Path) -> dict[Text, Entry]:
    """The entries of a catalogue, without its header."""
    entries = [_entry(block) for block in re.split(r"\n\s*\n", file.read_text()) if "msgid" in block]
    return {entry.text: entry for entry in entries if entry.text.id}


def _entry(block: str) -> Entry:
    given: dict[str, str] = {}
    key, comments = "", []
    for line in block.splitlines():
        if line.startswith("#"):
            comments.append(line)
            continue
        if keyword := re.match(r"(msg\w+(?:\[\d\])?) ", line):
            key, line = keyword[1], line[keyword.end() :]
        given[key] = given.get(key, "") + ast.literal_eval(line)
    text = Text(given["msgid"], given.get("msgid_plural"), given.get("msgctxt"))
    translations = [value for name, value in sorted(given.items()) if name.startswith("msgstr")]
    is_fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in comments)
    return Entry(text, translations, is_fuzzy, [line for line in comments if line.startswith("# ")])


def write(file: Path, language: str, entries: Mapping[Text, Entry], asked: Mapping[Text, list[str]]) -> None:
    """The catalogue, in the order in which the sources ask for its texts."""
    header = "".join(f"{_quoted(line)}\n" for line in HEADER.format(language=language).splitlines(True))
    blocks = [f'msgid ""\nmsgstr ""\n{header}']
    for text, files in asked.items():
        count = 2 if text.plural is not None else 1
        entry = entries.get(text) or Entry(text, [""] * count)
        lines = [*entry.comments, *(f"#: {name}" for name in dict.fromkeys(files))]
        flags = [*(["fuzzy"] if entry.is_fuzzy else []), *(["python-format"] if "%(" in text.id else [])]
        lines += [f"#, {', '.join(flags)}"] if flags else []
        lines += [f"msgctxt {_quoted(text.context)}"] if text.context else []
        lines += [f"msgid {_quoted(text.id)}"]
        if text.plural is None:
            lines += [f"msgstr {_quoted(entry.translations[0])}"]
        else:
            lines += [f"msgid_plural {_quoted(text.plural)}"]
            lines += [f"msgstr[{number}] {_quoted(each)}" for number, each in enumerate(entry.translations)]
        blocks.append("\n".join(lines) + "\n")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(blocks))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def compiled(language: str, entries: Iterable[Entry]) -> bytes:
    """The form that Django reads: two sorted tables of texts, each with their lengths and places."""
    pairs = {b"": HEADER.format(language=language).encode()}
    for entry in entries:
        if entry.is_translated:
            key = entry.text.id if entry.text.plural is None else f"{entry.text.id}\0{entry.text.plural}"
            key = f"{entry.text.context}\x04{key}" if entry.text.context else key
            pairs[key.encode()] = "\0".join(entry.translations).encode()
    keys = sorted(pairs)
    columns = (keys, [pairs[key] for key in keys])
    place = 7 * 4 + 2 * 8 * len(keys)
    tables, texts = [], b""
    for column in columns:
        for text in column:
            tables += [len(text), place + len(texts)]
            texts += text + b"\0"
    start = 7 * 4
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), start, start + 8 * len(keys), 0, start)
    return head + struct.pack(f"<{len(tables)}I", *tables) + texts


def update(catalogue: str, language: str) -> list[Text]:
    """Bring a catalogue up to date, and return the texts that are not translated."""
    file, asked = path_of(catalogue, language), texts_of(catalogue)
    entries = read(file) if file.exists() else {}
    write(file, language, entries, asked)
    entries = read(file)
    path_of(catalogue, language, ".mo").write_bytes(compiled(language, entries.values()))
    return [text for text, entry in entries.items() if not entry.is_translated]


def main() -> int:
    settings.configure()
    django.setup()
    missing = {path_of(name, each): update(name, each) for name in CATALOGUES for each in LANGUAGES}
    for file, texts in missing.items():
        print(f"{file.relative_to(ROOT)}: {len(texts)} to be translated")
    return int(any(missing.values()))


if __name__ == "__main__":
    sys.exit(main())
