"""From records to conversations that can be stored, format by format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pydantic
from django.utils.translation import gettext as _

from messaging.services import ImportedConversation, ImportedMemory, ImportedMessage
from messaging.values.words import grouped

from .archive import Archive
from .fields import Rejected
from .formats import chatgpt, claude, foreign, openai, parley
from .memory_lines import memory_of
from .records import MAX_RECORD_BYTES, Record
from .seen import Seen
from .source import Unusable
from .tally import Tally

BATCH_MESSAGES = 1_000
BATCH_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A conversation, or some messages of one, and where they stand in the source."""

    conversation: ImportedConversation
    records: Sequence[Record]
    """That of each message; or the one of all."""
    size: int = 0
    """Bytes in the source."""
    is_first: bool = True
    """Whether the conversation was not met before in this source."""
    tally: Tally = field(default_factory=Tally)
    """What became of the messages that it was read from."""


@dataclass(frozen=True, slots=True)
class MemoryPiece:
    """A memory, to be stored behind the conversations before it."""

    memory: ImportedMemory
    record: Record


Pieces = Iterator[Piece | MemoryPiece]


@dataclass(slots=True)
class Reader:
    """Reads one format. Its methods raise Rejected, ValidationError of pydantic, and Unusable."""

    workspace_id: str
    seen: Seen
    archive: Archive
    """The archive that the records are from."""
    salvages: ClassVar[bool] = False
    """Whether it leaves a message out that the store refuses, and keeps the others of its record."""

    def feed(self, record: Record, value: object, *, is_delicate: bool = False) -> Pieces:
        """What a parsed record makes whole; in a delicate one the store refuses some of it."""
        raise NotImplementedError

    def spoil(self, record: Record) -> None:
        """Take notice of a record that could not be parsed."""

    def finish(self) -> Pieces:
        """What the end of the source makes whole."""
        return iter(())


class ChatGPTReader(Reader):
    """Each record is a conversation."""

    salvages = True

    def feed(self, record: Record, value: object, *, is_delicate: bool = False) -> Pieces:
        tally = Tally(is_delicate)
        conversation = chatgpt.conversation_of(value, self.workspace_id, self.seen, tally, self.archive)
        origin, size = _without_bytes(record), len(record.raw)
        yield Piece(conversation=conversation, records=[origin], size=size, tally=tally)


class ClaudeReader(Reader):
    """Each record is a conversation, or an object with several."""

    salvages = True

    def feed(self, record: Record, value: object, *, is_delicate: bool = False) -> Pieces:
        listed = claude.conversations_in(value)
        origin, error = _without_bytes(record), None
        for given in [value] if listed is None else listed:
            tally = Tally(is_delicate)
            try:
                conversation = claude.conversation_of(given, self.workspace_id, self.seen, tally)
            except (Rejected, pydantic.ValidationError) as problem:
                error = problem  # told once the others are stored
            else:
                size = len(record.raw) if listed is None else 0
                yield Piece(conversation=conversation, records=[origin], size=size, tally=tally)
        if error:
            raise error


@dataclass(slots=True)
class OpenAIReader(Reader):
    """Each record is a conversation; or all elements of an array, or all lines, are the messages of one."""

    messages: list[Any] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    size: int = 0
    spoilt: int = 0

    def feed(self, record: Record, value: object, *, is_delicate: bool = False) -> Pieces:
        if self.records and record.array != self.records[0].array:
            yield from self.finish()
        if openai.is_message(value):
            self.records = self.records or [_without_bytes(record)]
            self.size += len(record.raw)
            if self.size <= MAX_RECORD_BYTES:
                self.messages.append(value)
        else:
            yield self._piece(value, record, len(record.raw))

    def spoil(self, record: Record) -> None:
        self.spoilt += 1

    def finish(self) -> Pieces:
        messages, records, size, spoilt = self.messages, self.records, self.size, self.spoilt
        self.messages, self.records, self.size, self.spoilt = [], [], 0, 0
        if not records:
            return
        if size > MAX_RECORD_BYTES:
            told = _("The messages of one conversation are larger than %(most)s bytes")
            raise Rejected(told % {"most": grouped(MAX_RECORD_BYTES)})
        if spoilt:
            told = _("Not stored, for %(count)s of its messages cannot be read")
            raise Rejected(told % {"count": spoilt})
        yield self._piece(messages, records[0], size)

    def _piece(self, value: object, record: Record, size: int) -> Piece:
        tally = Tally()
        conversation = openai.conversation_of(value, self.workspace_id, self.seen, tally)
        return Piece(conversation=conversation, records=[_without_bytes(record)], size=size, tally=tally)


@dataclass(slots=True)
class ParleyReader(Reader):
    """Each record is a line of our export; those of one conversation make pieces of a bounded size."""

    current: ImportedConversation | None = None
    current_id: str | None = None
    is_first: bool = True
    runs: dict[str, Any] = field(default_factory=dict)
    messages: list[ImportedMessage] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    header: list[Record] = field(default_factory=list)
    size: int = 0
    is_open: bool = False

    def feed(self, record: Record, value: object, *, is_delicate: bool = False) -> Pieces:
        if not isinstance(value, dict) or value.get("type") not in parley.KINDS:
            raise Rejected(_("Has no type of %(types)s") % {"types": ", ".join(parley.KINDS)})
        kind = value["type"]
        if kind == "memory":
            yield from self._flush()
            yield MemoryPiece(memory_of(value), _without_bytes(record))
            return
        if kind in ("export", "conversation", "end"):
            yield from self._flush()
            self._begin(kind, value, record)
            return
        if kind == "run":
            name, run = parley.run_of(value, self.current_id)
            self.runs[name] = run
        else:
            self.messages.append(parley.message_of(value, self.current_id))
            self.records.append(_without_bytes(record))
        self.size += len(record.raw)
        if len(self.messages) + len(self.runs) >= BATCH_MESSAGES or self.size >= BATCH_BYTES:
            yield from self._flush()

    def finish(self) -> Pieces:
        yield from self._flush()
        if self.is_open:
            raise Rejected(_("The export is not complete: the line that ends it is missing"))

    def _begin(self, kind: str, value: dict[str, Any], record: Record) -> None:
        self.current = self.current_id = None
        if kind == "export":
            parley.require_version(value)
        if kind == "conversation":
            self.current = parley.conversation_of(value, self.workspace_id)
            self.current_id, self.is_first, self.header = value["id"], True, [_without_bytes(record)]
        else:
            self.is_open = kind == "export"

    def _flush(self) -> Iterator[Piece]:
        if self.current is None or not (self.is_first or self.messages or self.runs):
            return
        whole = replace(self.current, messages=self.messages, runs=self.runs)
        records, tally = self.records or self.header, Tally(kinds=parley.kinds_of(self.messages))
        yield Piece(conversation=whole, records=records, size=self.size, is_first=self.is_first, tally=tally)
        self.messages, self.runs, self.records, self.size, self.is_first = [], {}, [], 0, False


FORMATS: dict[str, type[Reader]] = {
    "parley": ParleyReader,
    "openai": OpenAIReader,
    "chatgpt": ChatGPTReader,
    "claude": ClaudeReader,
}


def reader_for(name: str, first: object, *, workspace_id: str, seen: Seen, archive: Archive) -> Reader:
    """The reader of a format; `auto` is told by the first record. Raises Unusable where it tells nothing."""
    return FORMATS[_recognised(first) if name == "auto" else name](workspace_id, seen, archive)


def _recognised(first: object) -> str:
    if parley.is_line(first):
        return "parley"
    if chatgpt.is_tree(first):
        return "chatgpt"
    if claude.is_chat(first) or claude.conversations_in(first):
        return "claude"
    if openai.is_message(first) or openai.is_chat(first):
        return "openai"
    if reason := foreign.of_record(first):
        raise Unusable(reason)
    raise Unusable(
        _(
            "The format is not known: the first record is neither a line of our export nor a "
            "conversation of a ChatGPT or Claude account nor a list of chat messages"
        )
    )


def _without_bytes(record: Record) -> Record:
    """Where a record stands, without what it says."""
    return replace(record, raw=b"")
