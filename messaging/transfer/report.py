"""What an import tells of what it has done."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from messaging.services import Imported, MemoryArrival
from messaging.values.words import grouped

from .archive import named
from .kinds import KindLine, Kinds, lines_of
from .readers import Piece

MISSING_NAMED = 100
"""Files that are named of those that are missing."""


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

    def count(self, piece: Piece, outcome: Imported) -> None:
        """A conversation, or a part of one, that is stored."""
        told, is_first = piece.tally, piece.is_first
        self.kinds += told.kinds
        self.empty_messages += told.empty
        self.hidden_messages += told.hidden
        self.files += outcome.objects
        self.missing += len(told.missing)
        self.missing_files = [*dict.fromkeys([*self.missing_files, *told.missing])][:MISSING_NAMED]
        self.new_conversations += is_first and outcome.is_new
        self.known_conversations += is_first and not outcome.is_new
        self.changed_conversations += is_first and outcome.is_changed
        self.changed_messages += outcome.changed
        self.new_messages += outcome.added
        self.known_messages += len(piece.conversation.messages) - outcome.added

    def count_memory(self, arrival: MemoryArrival) -> None:
        """A memory that is stored."""
        self.new_memories += arrival.is_new
        self.known_memories += not arrival.is_new
        self.changed_memories += arrival.is_changed

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
