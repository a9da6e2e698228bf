"""From records to conversations that can be stored, format by format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from messaging.services import ImportedConversation, ImportedMessage

from .fields import Rejected
from .formats import chatgpt, openai, parley
from .records import MAX_RECORD_BYTES, Record
from .seen import Seen
from .source import Unusable

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


@dataclass(slots=True)
class Reader:
    """Reads one format. Its methods raise Rejected, ValidationError of pydantic, and Unusable."""

    workspace_id: str
    seen: Seen

    def feed(self, record: Record, value: object) -> Iterator[Piece]:
        """What a parsed record makes whole."""
        raise NotImplementedError

    def spoil(self, record: Record) -> None:
        """Take notice of a record that could not be parsed."""

    def finish(self) -> Iterator[Piece]:
        """What the end of the source makes whole."""
        return iter(())


class ChatGPTReader(Reader):
    """Each record is a conversation."""

    def feed(self, record: Record, value: object) -> Iterator[Piece]:
        conversation = chatgpt.conversation_of(value, self.workspace_id)
        yield Piece(conversation=conversation, records=[_without_bytes(record)], size=len(record.raw))


@dataclass(slots=True)
class OpenAIReader(Reader):
    """Each record is a conversation; or all elements of an array, or all lines, are the messages of one."""

    messages: list[Any] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    size: int = 0
    spoilt: int = 0

    def feed(self, record: Record, value: object) -> Iterator[Piece]:
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

    def finish(self) -> Iterator[Piece]:
        messages, records, size, spoilt = self.messages, self.records, self.size, self.spoilt
        self.messages, self.records, self.size, self.spoilt = [], [], 0, 0
        if not records:
            return
        if size > MAX_RECORD_BYTES:
            raise Rejected(f"The messages of one conversation are larger than {MAX_RECORD_BYTES:,} bytes")
        if spoilt:
            raise Rejected(f"Not stored, for {spoilt} of its messages cannot be read")
        yield self._piece(messages, records[0], size)

    def _piece(self, value: object, record: Record, size: int) -> Piece:
        conversation = openai.conversation_of(value, self.workspace_id, self.seen)
        return Piece(conversation=conversation, records=[_without_bytes(record)], size=size)


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

    def feed(self, record: Record, value: object) -> Iterator[Piece]:
        if not isinstance(value, dict) or value.get("type") not in parley.KINDS:
            raise Rejected(f"Has no type of {', '.join(parley.KINDS)}")
        kind = value["type"]
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

    def finish(self) -> Iterator[Piece]:
        yield from self._flush()
        if self.is_open:
            raise Rejected("The export is not complete: the line that ends it is missing")

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
        records = self.records or self.header
        yield Piece(conversation=whole, records=records, size=self.size, is_first=self.is_first)
        self.messages, self.runs, self.records, self.size, self.is_first = [], {}, [], 0, False


FORMATS: dict[str, type[Reader]] = {"parley": ParleyReader, "openai": OpenAIReader, "chatgpt": ChatGPTReader}


def reader_for(name: str, first: object, *, workspace_id: str, seen: Seen) -> Reader:
    """The reader of a format; `auto` is told by the first record. Raises Unusable where it tells nothing."""
    return FORMATS[_recognised(first) if name == "auto" else name](workspace_id, seen)


def _recognised(first: object) -> str:
    if parley.is_line(first):
        return "parley"
    if chatgpt.is_tree(first):
        return "chatgpt"
    if openai.is_message(first) or openai.is_chat(first):
        return "openai"
    raise Unusable(
        "The format is not known: the first record is neither a line of our export nor a "
        "conversation of a ChatGPT account nor a list of chat messages"
    )


def _without_bytes(record: Record) -> Record:
    """Where a record stands, without what it says."""
    return replace(record, raw=b"")
