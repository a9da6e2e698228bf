"""Exports that are recognised and cannot be imported: what they are, and what to do."""

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Given = Mapping[str, Any]

CONVERT = _("Convert it to chat messages (format openai: one object a line with a list of messages)")
NOT_SUPPORTED = _("This is an export of %(name)s, which is not supported.")
Words = Promise | str
"""A text in the language of who reads it, once it is a str."""


def _and_convert(text: Words, more: Words = "") -> Promise:
    return format_lazy("{} {}{}", text, CONVERT, more)


def _not_supported(name: Words) -> Promise:
    return _and_convert(lazy(lambda: str(NOT_SUPPORTED) % {"name": name}, str)())


GEMINI = _and_convert(
    _(
        "This is Gemini's activity from Google Takeout, which is not supported: it lists single prompts and "
        "does not tell which belong to one conversation."
    )
)
SLACK = format_lazy("{}{}", _not_supported("Slack"), _(", for each channel or thread one"))
TEAMS = _not_supported(_("Microsoft Teams or Skype"))
WHATSAPP = _and_convert(_("This is a chat of WhatsApp, which is not supported."))
LANGGRAPH = _and_convert(
    _(
        "This is a checkpoint of LangGraph, which is not supported: each repeats the whole state. "
        "Take the messages of the latest one of each thread."
    )
)


def _has(*names: str) -> Callable[[Given], bool]:
    return lambda given: set(names) <= set(given)


def _is_gemini(given: Given) -> bool:
    products = given.get("products")
    names = products if isinstance(products, list) else []
    return "header" in given and "time" in given and any("gemini" in str(name).lower() for name in names)


def _is_checkpoint(given: Given) -> bool:
    inner = given.get("checkpoint")
    values = given.get("values")
    return any(
        (
            "channel_values" in given,
            isinstance(inner, dict) and "channel_values" in inner,
            isinstance(values, dict) and "messages" in values,
        )
    )


def _is_slack(given: Given) -> bool:
    return "ts" in given and given.get("type") == "message" and ("user" in given or "bot_id" in given)


def _is_teams(given: Given) -> bool:
    listed = given.get("conversations")
    of_skype = isinstance(listed, list) and any(
        "MessageList" in one for one in listed if isinstance(one, dict)
    )
    return of_skype or _has("messageType", "body", "from")(given)


def _is_grok(given: Given) -> bool:
    listed = given.get("conversations")
    return isinstance(listed, list) and any("responses" in one for one in listed if isinstance(one, dict))


def _is_agent_session(given: Given) -> bool:
    return _has("sessionId", "uuid", "type")(given) or given.get("type") in ("session_meta", "response_item")


def _is_telegram(given: Given) -> bool:
    listed = given.get("messages")
    return isinstance(listed, list) and any("from_id" in one for one in listed if isinstance(one, dict))


RECORDS: tuple[tuple[Callable[[Given], bool], Promise], ...] = (
    (_is_gemini, GEMINI),
    (_is_checkpoint, LANGGRAPH),
    (_is_slack, SLACK),
    (_is_teams, TEAMS),
    (_is_grok, _not_supported("Grok")),
    (_is_agent_session, _not_supported(_("a coding agent's sessions"))),
    (_has("guild", "channel"), _not_supported("Discord")),
    (_is_telegram, _not_supported("Telegram")),
)
MEMBERS: tuple[tuple[re.Pattern[str], Promise], ...] = (
    (re.compile(r"(^|/)Takeout/|gemini", re.I), GEMINI),
    (re.compile(r"^(channels|integration_logs)\.json$", re.I), SLACK),
    (re.compile(r"_chat\.txt$|WhatsApp", re.I), WHATSAPP),
    (re.compile(r"(^|/)endpoints\.json$", re.I), TEAMS),
)
MAGIC: tuple[tuple[bytes, Words], ...] = (
    (b"7z\xbc\xaf\x27\x1c", _("a 7z archive")),
    (b"Rar!", _("a RAR archive")),
    (b"BZh", _("a bzip2 file")),
    (b"\xfd7zXZ", _("an xz file")),
    (b"\x28\xb5\x2f\xfd", _("a zstd file")),
    (b"%PDF-", _("a PDF document")),
    (b"SQLite format 3", _("a database of SQLite")),
)
UNPACK = _(
    "This is %(kind)s: unpack it, and import the file with the conversations or the zip archive as it was "
    "downloaded"
)
OF_TAR, AT = b"ustar", 257
OF_WHATSAPP = re.compile(
    rb"(?m)^\W{0,4}\[?\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}[:.]\d{2}[^\n]{0,20}?(\] | - )"
)
WEB_PAGE = _(
    "This is a web page, not the data: import conversations.json, or the whole zip archive of the account"
)


def of_bytes(head: bytes) -> str | None:
    """What these first bytes of a file are, and what to do; None for what may be read."""
    for magic, name in MAGIC:
        if head.startswith(magic):
            return str(UNPACK) % {"kind": name}
    if head[AT : AT + len(OF_TAR)] == OF_TAR:
        return str(UNPACK) % {"kind": _("a tar archive")}
    return None


def of_text(head: bytes) -> str | None:
    """The same of a text that is no JSON."""
    begin = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200]
    if begin.startswith(b"<"):
        return str(GEMINI if b"Gemini" in head else WEB_PAGE)
    if begin[:1] not in b"{" and OF_WHATSAPP.match(begin):
        return str(WHATSAPP)
    return None


def of_record(value: object) -> str | None:
    """Whose export a record is of that no format reads."""
    if not isinstance(value, dict):
        return None
    return next((str(text) for is_it, text in RECORDS if is_it(value)), None)


def of_members(names: Iterable[str]) -> str | None:
    """Whose archive has members of these names."""
    listed = list(names)
    return next((str(text) for pattern, text in MEMBERS if any(map(pattern.search, listed))), None)
