"""Importing: from a stream of bytes to conversations in the store, in transactions of a bounded size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO, TypedDict, Unpack

import pydantic
from django.utils.translation import gettext as _

from messaging.services import (
    Imported,
    ImportedConversation,
    ImportedMemory,
    MemoryArrival,
    Writer,
)
from messaging.values.json import decode_apart
from messaging.values.problems import ValueRefused
from messaging.values.words import grouped

from .archive import named
from .fields import Rejected, reason_of
from .kinds import KindLine, Kinds, lines_of, rejected
from .opening import Member, Source, opened
from .readers import BATCH_BYTES, BATCH_MESSAGES, MemoryPiece, Piece, Pieces, Reader, reader_for
from .records import MAX_RECORD_VALUES, Record, cut
from .seen import Seen
from .source import SourceBroken, Unusable
from .storage import Keeping, Rehearsal
from .tally import Tally

BATCH_PIECES = 200
UNREADABLE = 100
MISSING_NAMED = 100


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was not imported, or not whole."""

    number: int
    line: int
    reason: str
    member: str = ""
    """The file of the archive that holds the record."""

    def __str__(self) -> str:
        told = {"member": self.member, "number": self.number, "line": self.line, "reason": self.reason}
        if self.member:
            return _("%(member)s, record %(number)s, line %(line)s: %(reason)s") % told
        return _("Record %(number)s, line %(line)s: %(reason)s") % told


@dataclass(slots=True)
class Report:
    """What an import has done so far."""

    new_conversations: int = 0
    known_conversations: int = 0
    new_messages: int = 0
    known_messages: int = 0
    new_memories: int = 0
    known_memories: int = 0
    changed_memories: int = 0
    """Of the known ones."""
    changed_conversations: int = 0
    """Of the known ones."""
    changed_messages: int = 0
    """Of the known ones."""
    empty_messages: int = 0
    """Messages that say nothing and were left out."""
    hidden_messages: int = 0
    """Those of the new and the known ones that their vendor hides from the reader."""
    rejected: int = 0
    """Records, and single messages of such as are kept without them."""
    kinds: Kinds = field(default_factory=Kinds)
    """What became of the contents of each kind."""
    files: int = 0
    """Stored objects of the new messages: files, images, and values that are too large for a row."""
    missing_files: list[str] = field(default_factory=list)
    """Names or ids of the files that messages refer to and the source does not hold, the first of them."""
    missing: int = 0
    """How often messages refer to such files."""
    not_read: list[str] = field(default_factory=list)
    """The members of the archive that were not read, or that no message refers to."""
    ratings_of_others: int = 0
    """Ratings in the archive of messages that it does not hold."""

    @property
    def kind_lines(self) -> list[KindLine]:
        """What became of the contents of each kind, a line for each."""
        return list(lines_of(self.kinds))

    @property
    def remarks(self) -> list[str]:
        """What there is to say of memories and files, a line for each."""
        lines = []
        if self.new_memories or self.known_memories:
            told = _("%(new)s new memories; %(known)s were there, of which %(changed)s changed")
            figures = (self.new_memories, self.known_memories, self.changed_memories)
            lines.append(told % dict(zip(("new", "known", "changed"), map(grouped, figures), strict=True)))
        if self.files:
            came = _("%(count)s files and large values came along as stored objects")
            lines.append(came % {"count": grouped(self.files)})
        if self.missing:
            absent = _("%(count)s references to files that are not in the source: %(names)s")
            lines.append(absent % {"count": grouped(self.missing), "names": named(self.missing_files)})
        if self.not_read:
            unread = _("%(count)s files of the archive were not needed: %(names)s")
            lines.append(unread % {"count": grouped(len(self.not_read)), "names": named(self.not_read)})
        if self.ratings_of_others:
            others = _("%(count)s ratings of messages that are not in the source")
            lines.append(others % {"count": grouped(self.ratings_of_others)})
        return lines

    def __str__(self) -> str:
        return ", ".join(self._clauses())

    def _clauses(self) -> Iterator[str]:
        """The report in words, a clause for each figure that there always is, or that is not zero."""
        new = {"messages": grouped(self.new_messages), "conversations": grouped(self.new_conversations)}
        yield _("%(messages)s messages in %(conversations)s new conversations") % new
        known = {"messages": grouped(self.known_messages), "conversations": grouped(self.known_conversations)}
        yield _("%(messages)s messages in %(conversations)s known ones were there") % known
        if self.changed_conversations or self.changed_messages:
            changed = (grouped(self.changed_messages), grouped(self.changed_conversations))
            told = _("of which %(messages)s and %(conversations)s changed")
            yield told % dict(zip(("messages", "conversations"), changed, strict=True))
        if self.empty_messages:
            yield _("%(count)s empty messages left out") % {"count": grouped(self.empty_messages)}
        yield _("%(count)s records rejected") % {"count": grouped(self.rejected)}


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
            if arrival.problem is not None:
                self._reject(piece.record, arrival.problem)
                continue
            self.report.new_memories += arrival.is_new
            self.report.known_memories += not arrival.is_new
            self.report.changed_memories += arrival.is_changed

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
                self.report.kinds += rejected(piece.tally.kinds)
                for record in piece.records:
                    self._reject(record, outcome.problem)
            return
        self.report.kinds += piece.tally.kinds
        self.report.empty_messages += piece.tally.empty
        self.report.hidden_messages += piece.tally.hidden
        self.report.files += outcome.objects
        self.report.missing += len(piece.tally.missing)
        self._name_missing(piece.tally.missing)
        self.report.new_conversations += piece.is_first and outcome.is_new
        self.report.known_conversations += piece.is_first and not outcome.is_new
        self.report.changed_conversations += piece.is_first and outcome.is_changed
        self.report.changed_messages += outcome.changed
        self.report.new_messages += outcome.added
        self.report.known_messages += len(messages) - outcome.added

    def _name_missing(self, names: Iterable[str]) -> None:
        known = dict.fromkeys([*self.report.missing_files, *names])
        self.report.missing_files = list(known)[:MISSING_NAMED]

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
