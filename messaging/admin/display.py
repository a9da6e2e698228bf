"""Values of any size as text of a page: JSON is indented, and long values are cut; cells of two lines."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.template.defaultfilters import yesno
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from messaging.values.json import container_in

PRETTY = json.JSONEncoder(indent=2, ensure_ascii=False)
COMPACT = json.JSONEncoder(ensure_ascii=False)
READABLE_JSON = 200_000
"""Characters of a text up to which it is worth trying whether it is JSON."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as far as a page shows it."""

    text: str
    is_cut: bool = False
    is_json: bool = False
    """Code rather than prose: the page keeps its lines and sets it in one width."""


def shown_text(text: str, limit: int | None) -> Shown:
    """The text, or its first `limit` characters."""
    return Shown(text) if limit is None else Shown(text[:limit], is_cut=len(text) > limit)


def shown_json(value: object, limit: int | None) -> Shown:
    """Any JSON value, indented. Texts stay what they are, unless they hold an object or a list in JSON."""
    if isinstance(value, str):
        parsed = container_in(value, READABLE_JSON)
        if parsed is None:
            return shown_text(value, limit)
        value = parsed
    text, is_cut = _encoded(PRETTY, value, limit)
    return Shown(text, is_cut, is_json=True)


def brief(value: object, length: int = 80) -> str:
    """A JSON value on one line of at most `length` characters. Empty for null and for what is empty."""
    if not value and value != 0:
        return ""
    text, is_cut = (value, False) if isinstance(value, str) else _encoded(COMPACT, value, length)
    line = " ".join(text[: length * 2].split())
    return f"{line[:length]}…" if is_cut or len(line) > length or len(text) > length * 2 else line


def _encoded(encoder: json.JSONEncoder, value: object, limit: int | None) -> tuple[str, bool]:
    """(text, whether it is cut). No more is encoded than is shown, because deep indents add up."""
    try:
        return _joined(encoder.iterencode(value), limit)
    except (ValueError, RecursionError):  # numbers of thousands of digits; lists in lists in lists
        return gettext("(nested too deeply to be shown)"), True


def _joined(chunks: Iterable[str], limit: int | None) -> tuple[str, bool]:
    taken, length = [], 0
    for chunk in chunks:
        taken.append(chunk)
        length += len(chunk)
        if limit is not None and length > limit:
            return "".join(taken)[:limit], True
    return "".join(taken), False


def worded(value: object) -> object:
    """A truth value in the words of the reader, any other as it is."""
    return str(yesno(value)) if isinstance(value, bool) else value


def above(first: object, second: object) -> SafeString:
    """The first value, and the second on a line of its own, less prominent."""
    return format_html("<bdi>{}</bdi>{}", first, below(second))


def below(value: object) -> SafeString:
    """The second line of a cell."""
    return format_html(' <span class="quiet parley-below"><bdi>{}</bdi></span>', value)
