"""Importing: from a stream of bytes to conversations in the store, in transactions of a bounded size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

import pydantic

from messaging.services import Imported, ImportedConversation, Writer, import_conversations
from messaging.values.json import decode
from messaging.values.problems import ValueRefused

from .fields import Rejected, reason_of
from .readers import BATCH_BYTES, BATCH_MESSAGES, Piece, Reader, reader_for
from .records import Record, cut
from .seen import Seen
from .source import SourceBroken, Unusable

BATCH_PIECES = 200
UNREADABLE = 100


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was not imported, or not whole."""

    number: int
    line: int
    reason: str

    def __str__(self) -> str:
        return f"Record {self.number}, line {self.line}: {self.reason}"


@dataclass(slots=True)
class Report:
    """What an import has done so far."""

    new_conversations: int = 0
    known_conversations: int = 0
    new_messages: int = 0
    known_messages: int = 0
    changed_conversations: int = 0
    """Of the known ones."""
    changed_messages: int = 0
    """Of the known ones."""
    rejected: int = 0

    def __str__(self) -> str:
        return (
            f"{self.new_messages:,} messages in {self.new_conversations:,} new conversations, "
            f"{self.known_messages:,} messages in {self.known_conversations:,} known ones were there, "
            f"{self._changes()}{self.rejected:,} records rejected"
        )

    def _changes(self) -> str:
        if not self.changed_conversations and not self.changed_messages:
            return ""
        return f"of which {self.changed_messages:,} and {self.changed_conversations:,} changed, "


def import_stream(
    chunks: Iterable[bytes],
    *,
    workspace_id: str,
    writer: Writer,
    source_format: str = "auto",
    keeps_ids: bool = True,
    revises: bool = True,
    dry_run: bool = False,
    on_rejection: Callable[[Rejection], None] = lambda rejection: None,
    on_progress: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Import what a stream of bytes holds; what is there already stays as it is, or with `revises` follows
    the newer version of itself that an own export shows.

    Each rejected record is told to `on_rejection`, and the rest imported. `on_progress` is called after
    each transaction. With `dry_run` everything is read and checked, and nothing stored. `keeps_ids`: see
    `import_conversations`. Raises Unusable where nothing can be read at all.
    """
    with closing(Seen()) as seen:

        def store(conversations: Sequence[ImportedConversation]) -> list[Imported]:
            if dry_run:
                return [Imported(is_new=True, added=len(given.messages)) for given in conversations]
            outcomes = import_conversations(
                workspace_id=workspace_id,
                conversations=conversations,
                writer=writer,
                keeps_ids=keeps_ids,
                revises=revises,
                taken=seen,
            )
            for name in filter(None, (outcome.conversation_id for outcome in outcomes)):
                seen.add(name)
            return outcomes

        begin = partial(reader_for, source_format, workspace_id=workspace_id, seen=seen)
        run = _Import(begin, store, on_rejection, on_progress)
        run.read(chunks)
        return run.report


@dataclass(slots=True)
class _Import:
    begin: Callable[[object], Reader]
    store: Callable[[Sequence[ImportedConversation]], list[Imported]]
    on_rejection: Callable[[Rejection], None]
    on_progress: Callable[[Report], None]
    report: Report = field(default_factory=Report)
    reader: Reader | None = None
    pending: list[Piece] = field(default_factory=list)
    last: Record = Record(0, 1, b"")

    def read(self, chunks: Iterable[bytes]) -> None:
        try:
            for record in cut(chunks):
                self.last = record
                for piece in self._guarded(record, self._pieces(record)):
                    self._take(piece)
        except SourceBroken as reason:
            if self.reader is None:
                raise Unusable(str(reason)) from None
            self._reject(self.last, str(reason))
        if self.reader is None:
            none_read = self.report.rejected > 0
            raise Unusable("No record of it can be read" if none_read else "There is nothing in it")
        for piece in self._guarded(self.last, self.reader.finish()):
            self._take(piece)
        self._store()

    def _pieces(self, record: Record) -> Iterator[Piece]:
        if record.problem:
            raise Rejected(record.problem)
        value = decode(record.raw)
        if self.reader is None:
            self.reader = self.begin(value)
        yield from self.reader.feed(record, value)

    def _guarded(self, record: Record, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """The pieces of a record; what is wrong with it is a rejection."""
        try:
            yield from pieces
        except (ValueRefused, pydantic.ValidationError) as error:
            self._reject(record, reason_of(error))
        except Rejected as reason:
            self._reject(record, str(reason))
        else:
            return
        if self.reader is not None:
            self.reader.spoil(record)
        elif self.report.rejected >= UNREADABLE:
            raise Unusable(f"None of its first {UNREADABLE} records can be read")

    def _take(self, piece: Piece) -> None:
        if len(piece.conversation.messages) > BATCH_MESSAGES:
            self._store()
            self._store_in_parts(piece, BATCH_MESSAGES)
            return
        self.pending.append(piece)
        messages = sum(len(waiting.conversation.messages) for waiting in self.pending)
        size = sum(waiting.size for waiting in self.pending)
        if messages >= BATCH_MESSAGES or size >= BATCH_BYTES or len(self.pending) >= BATCH_PIECES:
            self._store()

    def _store(self) -> None:
        pieces, self.pending = self.pending, []
        if not pieces:
            return
        for piece, outcome in zip(pieces, self.store([piece.conversation for piece in pieces]), strict=True):
            self._account(piece, outcome)
        self.on_progress(self.report)

    def _store_in_parts(self, piece: Piece, length: int) -> None:
        """A conversation in several transactions, the later ones into what the first has opened."""
        stored_as: str | None = None
        for part in _parts(piece, length):
            if stored_as:
                conversation = replace(part.conversation, candidates=[stored_as], grown_from=())
                part = replace(part, conversation=conversation)
            [outcome] = self.store([part.conversation])
            self._account(part, outcome)
            self.on_progress(self.report)
            if outcome.conversation_id is None and len(piece.records) == 1:
                return  # one record, refused once
            stored_as = outcome.conversation_id or stored_as

    def _account(self, piece: Piece, outcome: Imported) -> None:
        messages = piece.conversation.messages
        if outcome.problem is not None:
            if outcome.is_divisible and len(piece.records) > 1:
                self._store_in_parts(piece, 1)  # so that one bad record spoils no other
            else:
                for record in piece.records:
                    self._reject(record, outcome.problem)
            return
        self.report.new_conversations += piece.is_first and outcome.is_new
        self.report.known_conversations += piece.is_first and not outcome.is_new
        self.report.changed_conversations += piece.is_first and outcome.is_changed
        self.report.changed_messages += outcome.changed
        self.report.new_messages += outcome.added
        self.report.known_messages += len(messages) - outcome.added

    def _reject(self, record: Record, reason: str) -> None:
        self.report.rejected += 1
        self.on_rejection(Rejection(record.number, record.line, reason))


def _parts(piece: Piece, length: int) -> Iterator[Piece]:
    """A conversation in pieces of so many messages, each with the records of its own messages."""
    messages, records = piece.conversation.messages, piece.records
    for start in range(0, len(messages), length):
        chosen = slice(start, start + length)
        yield replace(
            piece,
            conversation=replace(piece.conversation, messages=messages[chosen]),
            records=records[chosen] if len(records) == len(messages) else records,
            is_first=piece.is_first and not start,
        )
