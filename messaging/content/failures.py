"""Whether what a tool answered tells of a failure: one rule for every wire, import and page."""

import re
from collections.abc import Mapping

from messaging.values.json import parsed_or_text

from .kinds import text_or_none

ERROR = re.compile(r"\s*(?:(?i:error)|[\w.]*(?:Error|Exception))\b")
TRACEBACK = re.compile(r"^Traceback \(most recent call last\):", re.MULTILINE)
FLAGS = ("is_error", "isError")
NAMED = ("error", "errors")
MOST_PARSED = 64 * 1024
"""Characters of a text in JSON that are worth parsing for this."""


def says_failure(output: object) -> bool:
    """Whether an output, a text or a JSON value, reports an error.

    A text does that begins with the word error, with the name of an error as Python and JavaScript write it,
    or holds a traceback. An object does whose `is_error` or `isError` is true, whose `error` or `errors` says
    something, whose `status` or `type` is "error", or whose `success` or `ok` is false.
    """
    if isinstance(output, str):
        if parsed := _object_in(output):
            return _is_error_object(parsed)
        return bool(ERROR.match(output) or TRACEBACK.search(output))
    return isinstance(output, Mapping) and _is_error_object(output)


def _object_in(text: str) -> Mapping[str, object] | None:
    """The object that a text holds in JSON."""
    if not text[:64].lstrip().startswith("{") or len(text) > MOST_PARSED:
        return None
    value = parsed_or_text(text)
    return value if isinstance(value, dict) else None


def _is_error_object(value: Mapping[str, object]) -> bool:
    is_flagged = any(value.get(name) is True for name in FLAGS)
    is_named = any(value.get(name) for name in NAMED)
    is_kind = any((text_or_none(value.get(name)) or "").lower() == "error" for name in ("status", "type"))
    return is_flagged or is_named or is_kind or any(value.get(name) is False for name in ("success", "ok"))
