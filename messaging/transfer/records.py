"""Cutting a stream of JSON into records without holding more of it than one record.

Cut are lines of JSON, the elements of a JSON array, and single objects, by looking at quotes and brackets
alone: a record that is no JSON spoils nothing but itself.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from messaging.values.words import grouped

from .source import SourceBroken

MAX_RECORD_BYTES = 64 * 1024 * 1024
MAX_RECORD_VALUES = 1_000_000
"""Far more than a conversation holds; a record of more would take many times its size of memory."""
MAX_NESTING = 1_000
HEAD = 64 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BRACKETS = re.compile(rb'["{}\[\]]')
BRACKETS_AND_COMMAS = re.compile(rb'["{}\[\],]')
TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
"""What of a string stands before the quote that ends it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One value of the source, not yet parsed."""

    number: int
    """From 1."""
    line: int
    """Where it begins, from 1."""
    raw: bytes
    array: int = 0
    """The number of the array that it is an element of; 0 for none."""
    problem: str | None = None
    """Why it cannot be parsed, where that shows already."""


def cut(chunks: Iterable[bytes], *, limit: int = MAX_RECORD_BYTES) -> Iterator[Record]:
    """The records of the source; one of more than `limit` bytes comes empty, with a problem."""
    head, rest = _head(chunks)
    cutter: Lines | Values = Lines(limit) if _is_lines(head) else Values(limit)
    for chunk in itertools.chain([head], rest):
        yield from cutter.feed(chunk)
    yield from cutter.finish()


def _head(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """How the source begins, without mark and blank lines, and the rest of it."""
    rest, head = iter(chunks), b""
    try:
        for chunk in rest:
            head += chunk
            if len(head) >= HEAD:
                break
    except SourceBroken as error:  # told once what came before it is read
        rest = _broken(error)
    return head.removeprefix(BYTE_ORDER_MARK), rest


def _broken(error: SourceBroken) -> Iterator[bytes]:
    yield b""
    raise error


def _is_lines(head: bytes) -> bool:
    """Whether each line is a value, rather than a value spread over many lines or elements of an array."""
    lines = head.strip().split(b"\n", 2)
    first = lines[0].strip()
    if first.startswith(b"["):
        return False
    return first.endswith(b"}") or len(lines) == 1 or lines[1].startswith(b"{")


@dataclass(slots=True)
class _Cutter:
    limit: int
    number: int = 0
    line: int = 1
    """Of the first byte held."""
    held: bytearray = field(default_factory=bytearray)
    dropped_from: int = 0
    """The line from which a record is not held any more, because it is too long; 0 for none."""

    def hold(self, piece: bytes) -> None:
        """Keep a piece of the record that is being read, unless it has become too long."""
        self.held += piece
        if self.dropped_from or len(self.held) > self.limit:
            self.dropped_from = self.dropped_from or self.first_line()
            self.skip(b"")

    def first_line(self) -> int:
        """The line of the first byte held that is no white space."""
        return self.line + self.held[: len(self.held) - len(self.held.lstrip())].count(b"\n")

    def skip(self, piece: bytes) -> None:
        """Forget what is held, and a piece."""
        self.line += self.held.count(b"\n") + piece.count(b"\n")
        self.held.clear()

    def record(self, piece: bytes, *, array: int = 0, problem: str | None = None) -> Iterator[Record]:
        """The record that ends with this piece; none for white space."""
        self.hold(piece)
        text, line = bytes(self.held).strip(), self.first_line()
        self.skip(b"")
        if self.dropped_from:
            text, line = b"", self.dropped_from
            problem = _("Larger than %(most)s bytes") % _most(self.limit)
            self.dropped_from = 0
        if text or problem:
            self.number += 1
            yield Record(self.number, line, text, array, problem)


class Lines(_Cutter):
    """A value on each line."""

    __slots__ = ()

    def feed(self, chunk: bytes) -> Iterator[Record]:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            if end or self.held or self.dropped_from:
                yield from self.record(end)
            self.line += 1
        self.hold(rest)

    def finish(self) -> Iterator[Record]:
        yield from self.record(b"")


@dataclass(slots=True)
class Values(_Cutter):
    """Elements of arrays, and objects outside of any."""

    depth: int = 0
    array: int = 0
    in_array: bool = False
    in_string: bool = False
    is_escaped: bool = False
    tokens: int = 0
    """Of the record that is being read."""

    def feed(self, chunk: bytes) -> Iterator[Record]:
        start = 0
        for at, token in self._tokens(chunk):
            ends, includes = self._is_end(token)
            if ends:
                self.tokens = 0
                yield from self.record(chunk[start : at + includes], array=self.array if self.in_array else 0)
                start, self.in_array = at + 1, self.in_array and self.depth > 0
            elif token == b"[" and self.depth == 1 and not self.in_array:
                self.skip(chunk[start:at])
                start, self.in_array, self.array = at + 1, True, self.array + 1
        self.hold(chunk[start:])

    def finish(self) -> Iterator[Record]:
        broken = _("The source breaks off here") if self.depth or self.in_string else None
        yield from self.record(b"", array=self.array if self.in_array else 0, problem=broken)

    def _tokens(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        """The brackets and commas between records, the depth kept up to date."""
        position = 0
        while True:
            if self.in_string:
                position = self._after_string(chunk, position)
            match = self._pattern().search(chunk, position)
            if match is None:
                return
            position, token = match.end(), match[0]
            if token == b'"':
                self.in_string = True
                continue
            self.depth = max(0, self.depth + (token in b"{[") - (token in b"}]"))
            self._count()
            if self.depth <= 1:
                yield match.start(), token

    def _after_string(self, chunk: bytes, start: int) -> int:
        """Where the string ends that began before; the end of the chunk for one that goes on."""
        if not chunk:
            return 0
        text = TEXT.match(chunk, start + self.is_escaped)
        end = text.end() if text else len(chunk)
        self.is_escaped = chunk[end:] == b"\\"
        self.in_string = self.is_escaped or end >= len(chunk)
        return end + 1

    def _count(self) -> None:
        """Raises SourceBroken where a record costs more to read than any that somebody wants to keep."""
        self.tokens += 1
        if self.depth > MAX_NESTING:
            raise SourceBroken(_("A record nests deeper than %(most)s levels") % _most(MAX_NESTING))
        if self.tokens > MAX_RECORD_VALUES:
            raise SourceBroken(_("A record holds more than %(most)s values") % _most(MAX_RECORD_VALUES))

    def _pattern(self) -> re.Pattern[bytes]:
        """What to look for next; commas matter only between the elements of the array."""
        return BRACKETS_AND_COMMAS if self.in_array and self.depth == 1 else BRACKETS

    def _is_end(self, token: bytes) -> tuple[bool, bool]:
        """(whether a record ends at this token, whether the token belongs to it)."""
        if self.in_array:
            return (token == b"," and self.depth == 1) or (token == b"]" and self.depth == 0), False
        return token == b"}" and self.depth == 0, True


def _most(limit: int) -> dict[str, str]:
    return {"most": grouped(limit)}
