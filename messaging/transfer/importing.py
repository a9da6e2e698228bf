"""Importing: from a stream of bytes to conversations in the store, in transactions of a bounded size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO, TypedDict, Unpack

import pydantic
from django.utils.translation import gettext as _

from messaging.services import Imported, ImportedConversation, ImportedMemory, MemoryArrival, Writer
from messaging.values.json import decode_apart
from messaging.values.problems import ValueRefused

from .fields import Rejected, reason_of
from .kinds import rejected
from .opening import Member, Source, opened
from .readers import BATCH_BYTES, BATCH_MESSAGES, MemoryPiece, Piece, Pieces, Reader, reader_for
from .records import MAX_RECORD_VALUES, Record, cut
from .report import Rejection, Report
from .seen import Seen
from .source import SourceBroken, Unusable
from .storage import Keeping, Rehearsal
from .tally import Tally

BATCH_PIECES = 200
UNREADABLE = 100


class Options(TypedDict, total=False):
    """How to import; see `import_source`."""

    source_format: str
    keeps_ids: bool
    revises: bool
    dry_run: bool
    on_rejection: Callable[[Rejection], None]
    on_progress: Callable[[Report], None]


def import_file(
    file: IO[bytes],
    *,
    workspace_id: str,
    writer: Writer,
    limit: int | None = None,
    seconds: int | None = None,
    **options: Unpack[Options],
) -> Report:
    """Import a file: records, plain or packed, or the archive of an account, at most `limit` bytes unpacked.

    It ends after so many seconds. See `import_source`.
    """
    with opened(file, limit=limit, seconds=seconds) as source:
        return import_source(source, workspace_id=workspace_id, writer=writer, **options)


def import_stream(
    chunks: Iterable[bytes], *, workspace_id: str, writer: Writer, **options: Unpack[Options]
) -> Report:
    """Import the records of a stream of bytes. See `import_source`."""
    source = Source([Member("", chunks)])
    return import_source(source, workspace_id=workspace_id, writer=writer, **options)


def import_source(
    source: Source,
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
    """Import what a source holds; what is there already stays as it is, or with `revises` follows the newer
    version of itself that an own export shows.

    Each rejected record is told to `on_rejection`, and the rest imported. `on_progress` is called after
    each transaction. With `dry_run` everything is read and checked, and nothing stored. `keeps_ids`: see
    `import_conversations`. Raises Unusable where nothing can be read at all.
    """
    with closing(Seen()) as seen:
        begin = partial(
            reader_for, source_format, workspace_id=workspace_id, seen=seen, archive=source.archive
        )
        keeping = Keeping(workspace_id, writer, seen, keeps_ids=keeps_ids, revises=revises)
        storage = Rehearsal() if dry_run else keeping
        run = _Import(begin, storage.conversations, storage.memories, on_rejection, on_progress)
        run.read(source)
        return run.report


@dataclass(slots=True)
class _Import:
    begin: Callable[[object], Reader]
    store: Callable[[Sequence[ImportedConversation]], list[Imported]]
    remember: Callable[[Sequence[ImportedMemory]], list[MemoryArrival]]
    on_rejection: Callable[[Rejection], None]
    on_progress: Callable[[Report], None]
    report: Report = field(default_factory=Report)
    reader: Reader | None = None
    pending: list[Piece] = field(default_factory=list)
    memories: list[MemoryPiece] = field(default_factory=list)
    """Those that wait for the conversations before them."""
    last: Record = Record(0, 1, b"")
    member: str = ""
    has_read: bool = False
    """Whether any file was of a known format."""

    def read(self, source: Source) -> None:
        members = list(source.members)
        problems = [
            problem for member in members if (problem := self._read_member(member, len(members) == 1))
        ]
        if not self.has_read:
            raise problems[0] if problems else Unusable(_("There is nothing in it"))
        self.report.ratings_of_others = source.archive.ratings_of_others()
        self.report.not_read = source.archive.unread()

    def _read_member(self, member: Member, is_only: bool) -> Unusable | None:
        """Import a file; returns why it cannot be read at all, which costs no other file."""
        self.member, self.reader, self.last = member.name, None, Record(0, 1, b"")
        before = self.report.rejected
        try:
            self._read_records(member.chunks)
        except Unusable as reason:
            self._store()
            if not is_only and self.report.rejected == before:
                self._reject(self.last, str(reason))
            return reason
        return None

    def _read_records(self, chunks: Iterable[bytes]) -> None:
        before = self.report.rejected
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
            if self.report.rejected > before or not self.member:
                none_read = self.report.rejected > before
                raise Unusable(_("No record of it can be read") if none_read else _("There is nothing in it"))
            return
        self.has_read = True
        for piece in self._guarded(self.last, self.reader.finish()):
            self._take(piece)
        self._store()

    def _pieces(self, record: Record) -> Pieces:
        if record.problem:
            raise Rejected(record.problem)
        value, refused = decode_apart(record.raw, most_values=MAX_RECORD_VALUES)
        if self.reader is None:
            self.reader = self.begin(value)
        if refused and not self.reader.salvages:
            raise refused
        yield from self.reader.feed(record, value, is_delicate=refused is not None)

    def _guarded(self, record: Record, pieces: Pieces) -> Pieces:
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
            raise Unusable(_("None of its first %(count)s records can be read") % {"count": UNREADABLE})

    def _take(self, piece: Piece | MemoryPiece) -> None:
        if isinstance(piece, MemoryPiece):
            self.memories.append(piece)
            if len(self.memories) >= BATCH_PIECES:
                self._store()
            return
        for reason in piece.tally.rejected:
            self._reject(piece.records[0], reason)
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
        memories, self.memories = self.memories, []
        if not pieces and not memories:
            return
        if pieces:
            outcomes = self.store([piece.conversation for piece in pieces])
            for piece, outcome in zip(pieces, outcomes, strict=True):
                self._account(piece, outcome)
        self._remember(memories)
        self.on_progress(self.report)

    def _remember(self, pieces: Sequence[MemoryPiece]) -> None:
        arrivals = self.remember([piece.memory for piece in pieces])
        for piece, arrival in zip(pieces, arrivals, strict=True):
            if arrival.problem is None:
                self.report.count_memory(arrival)
            else:
                self._reject(piece.record, arrival.problem)

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
        if outcome.problem is None:
            self.report.count(piece, outcome)
        elif outcome.is_divisible and len(piece.records) > 1:
            self._store_in_parts(piece, 1)  # so that one bad record spoils no other
        else:
            self.report.kinds += rejected(piece.tally.kinds)
            for record in piece.records:
                self._reject(record, outcome.problem)

    def _reject(self, record: Record, reason: str) -> None:
        self.report.rejected += 1
        self.on_rejection(Rejection(record.number, record.line, reason, self.member))


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
            tally=Tally() if start else piece.tally,
        )
