"""The parts of a message as a page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from messaging.admin.values import Shown

if TYPE_CHECKING:
    from .entries import Entry

__all__ = ["Call", "Data", "File", "Piece", "Result", "Stored", "Text"]


@dataclass(slots=True)
class Stored:
    """A value that is kept as a file: where it is got, if the reader may, and how it begins."""

    url: str
    size_bytes: int
    mime_type: str
    preview: str


@dataclass(slots=True, kw_only=True)
class Piece:
    """What all pieces have. `kind` is that of the template."""

    kind: ClassVar[str] = ""
    remarks: Shown | None = None
    """The part's own meta data."""
    is_open: bool = False
    """A search found it, so its fold is open."""

    @property
    def texts(self) -> Iterable[str]:
        """What is read in it."""
        return ()


@dataclass(slots=True, kw_only=True)
class Text(Piece):
    kind: ClassVar[str] = "text"
    body: Shown
    is_reasoning: bool = False

    @property
    def texts(self) -> Iterable[str]:
        return (self.body.text,)


@dataclass(slots=True, kw_only=True)
class File(Piece):
    kind: ClassVar[str] = "file"
    name: str
    mime_type: str
    link: str
    """Where a person may go to see it; empty where the address is none of the web and none of ours."""
    image: str
    """What may stand in `src`: an image out of our own storage, or out of the message itself. Images of other
    hosts are never loaded: they would tell their owner who reads when."""
    address: Shown | None
    """The address as the message gives it, where it is none of ours."""

    @property
    def texts(self) -> Iterable[str]:
        return (self.name, self.address.text if self.address else "")

    @property
    def is_image(self) -> bool:
        return self.mime_type.startswith("image/")


@dataclass(slots=True, kw_only=True)
class Data(Piece):
    kind: ClassVar[str] = "data"
    name: str
    body: Shown | None
    stored: Stored | None

    @property
    def texts(self) -> Iterable[str]:
        return _texts(self.body, self.stored)


@dataclass(slots=True, kw_only=True)
class Call(Piece):
    kind: ClassVar[str] = "call"
    entry: "Entry"
    name: str
    call_id: str
    summary: str
    """The arguments on one line."""
    body: Shown | None
    stored: Stored | None
    results: "list[Result]" = field(default_factory=list)

    @property
    def texts(self) -> Iterable[str]:
        return _texts(self.body, self.stored)

    @property
    def is_error(self) -> bool:
        return any(result.is_error for result in self.results)

    @property
    def is_unfolded(self) -> bool:
        """Whether the message that was asked for, or what a search found, is folded away here."""
        is_own = self.is_open or self.entry.is_found
        return is_own or any(result.is_unfolded for result in self.results)


@dataclass(slots=True, kw_only=True)
class Result(Piece):
    kind: ClassVar[str] = "result"
    entry: "Entry"
    name: str
    call_id: str
    summary: str
    body: Shown | None
    stored: Stored | None
    error: Shown | None
    is_error: bool
    call: Call | None = None
    """The call that it answers, where that is near."""
    stands_for_entry: bool = False
    """It carries the anchor of its message, which has no place of its own on the page."""

    @property
    def texts(self) -> Iterable[str]:
        return (*_texts(self.body, self.stored), self.error.text if self.error else "")

    @property
    def is_unfolded(self) -> bool:
        return self.is_open or self.entry.is_found

    @property
    def call_url(self) -> str:
        """The way to its call, near or not; nothing where it does not say which it is."""
        if self.call is not None:
            return self.call.entry.permalink
        message = self.entry.message
        asked = {"call": self.call_id, "before": message.seq}
        return self.entry.reader.transcript(message.conversation_id, **asked) if self.call_id else ""


def _texts(body: Shown | None, stored: Stored | None) -> Iterable[str]:
    return (body.text if body else "", stored.preview if stored else "")
