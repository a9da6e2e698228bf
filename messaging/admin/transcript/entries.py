"""A message as an entry of the page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from messaging.admin.display import Shown, shown_json
from messaging.admin.roles import author_of, is_by_agent, look_of
from messaging.models import Message
from messaging.values.text import fold

from .pieces import Piece, Result
from .reader import Reader
from .relations import Reference

__all__ = ["Entry"]

ERROR = "error"
"""The message type and role under which applications store errors."""


@dataclass(slots=True, eq=False)
class Entry:
    """A message, its pieces, and what this reader may do with it."""

    kind: ClassVar[str] = "entry"
    message: Message
    reader: Reader
    is_asked_for: bool = False
    """The address of the page names this message."""
    pieces: list[Piece] = field(default_factory=list)
    parent: Reference | None = None
    replies: Sequence[Reference] = ()

    @property
    def look(self) -> str:
        return look_of(self.message.role)

    @property
    def is_by_agent(self) -> bool:
        return is_by_agent(self.message.role)

    @property
    def author(self) -> str:
        return author_of(self.message)

    @property
    def is_error(self) -> bool:
        """Whether it reports an error."""
        own = [piece for piece in self.pieces if isinstance(piece, Result)]
        return ERROR in (self.message.message_type, self.message.role) or any(piece.is_error for piece in own)

    @property
    def meta_data(self) -> Shown | None:
        return shown_json(self.message.meta_data, self.reader.limit) if self.message.meta_data else None

    @property
    def tags(self) -> list[str]:
        return self.message.tags or []

    @property
    def permalink(self) -> str:
        return self.reader.permalink(self.message.pk)

    @property
    def whole_url(self) -> str:
        return self.reader.whole(self.message)

    @property
    def edit_url(self) -> str:
        return self.reader.edit(self.message)

    @property
    def redact_url(self) -> str:
        return "" if self.message.redacted_at else self.reader.redact(self.message)

    def unfold(self, query: str) -> None:
        """Open the pieces that show a text which the search matched.

        All of them open where none shows it, because JSON is displayed with other spaces than it is
        searched with.
        """
        sought = fold(query)
        showing = [piece for piece in self.pieces if any(sought in fold(text) for text in piece.texts)]
        for piece in showing or self.pieces:
            piece.is_open = True

    def fold_away(self, on_page: set[str]) -> bool:
        """Leave out the results that a call of the page shows; whether the entry is empty then."""
        folded = [piece for piece in self.pieces if isinstance(piece, Result) and _is_folded(piece, on_page)]
        self.pieces = [piece for piece in self.pieces if piece not in folded]
        if not folded or self.pieces:
            return False
        folded[0].stands_for_entry = True
        return True


def _is_folded(result: Result, on_page: set[str]) -> bool:
    return result.call is not None and result.call.entry.message.pk in on_page
