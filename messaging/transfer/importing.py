"""Importing: from a stream of bytes to conversations in the store, in transactions of a bounded size."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

import pydantic

from messaging.services import Imported, Writer, import_conversations
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
        run = _Import(
            workspace_id, writer, source_format, keeps_ids, revises, dry_run, on_rejection, on_progress, seen
        )
        run.read(chunks)
        return run.report


@dataclass(slots=True)
class _Import:
    workspace_id: str
    writer: Writer
    source_format: str
    keeps_ids: bool
    revises: bool
    dry_run: bool
    on_rejection: Callable[[Rejection], None]
    on_progress: Callable[[Report], None]
    seen: Seen
    report: Report = field(default_factory=Report)
    reader: Reader | None = None
    pending: list[Piece] = field(default_factory=list)
    last: Record = field(default_factory=lambda: Record(0, 1, b""))

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
        if self.reader is not None:
            for piece in self._guarded(self.last, self.reader.finish()):
                self._take(piece)
        else:
            raise Unusable(
                "No record of it can be read" if self.report.rejected else "There is nothing in it"
            )
        self._store()

    def _pieces(self, record: Record) -> Iterator[Piece]:
        if record.problem:
            raise Rejected(record.problem)
        value = decode(record.raw)
        if self.reader is None:
            self.reader = reader_for(self.source_format, value, self.workspace_id, self.seen)
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
            self._store_long(piece)
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
        for piece, outcome in zip(pieces, self._imported(pieces), strict=True):
            self._account(piece, outcome)
        self.on_progress(self.report)

    def _store_long(self, piece: Piece) -> None:
        """A long conversation in several transactions, the later ones into what the first has opened."""
        stored_as: str | None = None
        for part in _parts(piece):
            if stored_as:
                conversation = replace(part.conversation, candidates=[stored_as], grown_from=())
                part = replace(part, conversation=conversation)
            [outcome] = self._imported([part])
            self._account(part, outcome)
            self.on_progress(self.report)
            if outcome.conversation_id is None and len(piece.records) == 1:
                return  # one record, refused once
            stored_as = outcome.conversation_id or stored_as

    def _imported(self, pieces: list[Piece]) -> list[Imported]:
        if self.dry_run:
            return [Imported(is_new=True, added=len(piece.conversation.messages)) for piece in pieces]
        outcomes = import_conversations(
            workspace_id=self.workspace_id,
            conversations=[piece.conversation for piece in pieces],
            writer=self.writer,
            keeps_ids=self.keeps_ids,
            revises=self.revises,
            taken=self.seen,
        )
        for outcome in outcomes:
            if outcome.conversation_id:
                self.seen.add(outcome.conversation_id)
        return outcomes

    def _account(self, piece: Piece, outcome: Imported) -> None:
        messages = piece.conversation.messages
        if outcome.problem is not None:
            if outcome.is_divisible and len(piece.records) > 1:
                self._store_one_by_one(piece)
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

    def _store_one_by_one(self, piece: Piece) -> None:
        """What the database refused as a whole, so that one bad record spoils no other."""
        for number, (message, record) in enumerate(
            zip(piece.conversation.messages, piece.records, strict=True)
        ):
            alone = replace(piece.conversation, messages=[message])
            part = Piece(conversation=alone, records=[record], is_first=piece.is_first and not number)
            self._account(part, self._imported([part])[0])

    def _reject(self, record: Record, reason: str) -> None:
        self.report.rejected += 1
        self.on_rejection(Rejection(record.number, record.line, reason))


def _parts(piece: Piece) -> Iterator[Piece]:
    """A long conversation in pieces of a bounded size, each with the records of its own messages."""
    messages, records = piece.conversation.messages, piece.records
    for start in range(0, len(messages), BATCH_MESSAGES):
        chosen = slice(start, start + BATCH_MESSAGES)
        yield replace(
            piece,
            conversation=replace(piece.conversation, messages=messages[chosen]),
            records=records[chosen] if len(records) == len(messages) else records,
            is_first=not start,
        )
