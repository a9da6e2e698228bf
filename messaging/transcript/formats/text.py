r"""`text`: a conversation as people read it, and as a model takes it in one prompt.

Each block begins with a line in brackets, and a line of a text that looks like one begins with a backslash.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from urllib.parse import quote, unquote

from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ASSISTANT,
    BODY,
    SYSTEM,
    TOOL,
    USER,
    Call,
    File,
    Piece,
    Reasoning,
    Result,
    Text,
    Turn,
)
from messaging.transcript.steps import Step
from messaging.values.types import JSONObject

from .base import CallIds, Format, Given, a_text, refused

CALLS, THINKS, ATTACHES, FAILS = "calls", "thinks", "attaches", "fails"
HEADER = re.compile(
    rf"^\[(\w+)(?: ({CALLS}|{THINKS}|{ATTACHES}|{FAILS}))?((?: [^\s\[\]]+){{0,9}})\]$", re.MULTILINE
)
LOOKS_LIKE_ONE = re.compile(r"^(\\*\[)", re.MULTILINE)
ESCAPED = re.compile(r"^\\(\\*\[)", re.MULTILINE)
ROLES = (*SYSTEM, USER, ASSISTANT, TOOL)
MOST_BLOCKS = 20_000
"""Of one text, counted before any is read; those of the other formats are values of JSON."""


class PlainText(Format):
    name = "text"
    keys = ("text",)

    def write(self, steps: Sequence[Step], notes: Omissions) -> JSONObject:
        ids = CallIds(most=64)
        blocks = [block for step in steps for block in self._blocks(step, ids, notes)]
        return {"text": "".join(f"{block}\n\n" for block in blocks)[:-1]}

    def expresses(self, piece: Piece, role: str) -> bool:
        match piece:
            case File():
                return bool(piece.url and not piece.data and "\n" not in piece.url)
            case Call():
                return role == ASSISTANT
        return isinstance(piece, Text | Reasoning | Result)

    def read(self, given: Given) -> list[Turn]:
        turns: list[tuple[str, list[Piece]]] = []
        is_waiting = False
        for role, verb, names, body in _blocks(a_text(given.get("text"), ("body", "text"))):
            piece = _piece(role, verb, names, body)
            # What is no text goes on with its turn, and so does a text behind calls that wait for results.
            if turns and role == turns[-1][0] != TOOL and (verb or is_waiting):
                turns[-1][1].append(piece)
            else:
                turns.append((role, [piece]))
                is_waiting = False
            is_waiting |= isinstance(piece, Call)
        return [
            Turn(role=role, pieces=tuple(pieces), loc=(*BODY, "text", i))
            for i, (role, pieces) in enumerate(turns)
        ]

    def _blocks(self, step: Step, ids: CallIds, notes: Omissions) -> Iterator[str]:
        for piece in self.expressible(step, notes):
            yield _block(piece, step.role, ids)
        for call, result in step.answered:
            verb = f" {FAILS}" if result.is_error else ""
            yield f"[{TOOL}{verb} {_name(call.name)} {ids[call]}]\n{_escaped(result.text)}"


def _block(piece: Piece, role: str, ids: CallIds) -> str:
    match piece:
        case Text():
            return f"[{role}]\n{_escaped(piece.text)}"
        case Reasoning():
            return f"[{role} {THINKS}]\n{_escaped(piece.text)}"
        case Call():
            return f"[{role} {CALLS} {_name(piece.name)} {ids[piece]}]\n{_escaped(piece.arguments)}"
        case File():
            kind = _name((piece.mime_type or "").strip() or "file")
            return f"[{role} {ATTACHES} {kind}]\n{_escaped(piece.url or '')}"
    raise TypeError(type(piece).__name__)


def _name(name: str) -> str:
    """A name as one word of a header."""
    return quote(name.strip(), safe="/*+.-_") or "%20"


def _escaped(text: str) -> str:
    return LOOKS_LIKE_ONE.sub(r"\\\1", text)


def _blocks(text: str) -> Iterator[tuple[str, str, list[str], str]]:
    """(role, verb, names, body) of each block. Raises InvalidValue for a text that begins with none."""
    if not text or text.isspace():
        return
    if not HEADER.match(text):
        raise refused(("body", "text"), "The first line should be a role, such as [user]", "string_pattern")
    headers = list(islice(HEADER.finditer(text), MOST_BLOCKS + 1))
    if len(headers) > MOST_BLOCKS:
        raise refused(("body", "text"), f"A text has at most {MOST_BLOCKS:,} blocks", "too_long")
    for header, following in zip_longest(headers, headers[1:]):
        if header[1] not in ROLES:
            raise refused(("body", "text"), f"{header[0]} names no role", "string_pattern")
        body = text[header.end() + 1 : following and following.start()].removesuffix("\n")
        # A line of its own sets the next block apart.
        body = body.removesuffix("\n") if following else body
        yield header[1], header[2] or "", header[3].split(), ESCAPED.sub(r"\1", body)


def _piece(role: str, verb: str, names: Sequence[str], body: str) -> Piece:
    name, call_id = [*(unquote(name).strip() for name in names), "", ""][:2]
    if role == TOOL:
        return Result(name=name, id=call_id or None, output=body, is_error=verb == FAILS)
    match verb:
        case "calls":
            return Call(name=name, id=call_id or None, arguments=body)
        case "thinks":
            return Reasoning(text=body)
        case "attaches":
            return File(url=body, mime_type=None if name == "file" else name or None)
    return Text(text=body)
