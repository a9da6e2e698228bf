"""The parts of a message as a page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from messaging.admin.display import Shown
from messaging.models import Message

from .reader import Reader

__all__ = ["Call", "Data", "File", "Piece", "Result", "Stored", "Text"]


class Holder(Protocol):
    """What a call or a result needs of the entry that holds it."""

    message: Message
    reader: Reader
    is_asked_for: bool

    @property
    def permalink(self) -> str: ...


@dataclass(slots=True)
class Stored:
    """A value that is stored as a file: its address, if the reader may open it, and its beginning."""

    url: str
    size_bytes: int
    mime_type: str
    preview: str


@dataclass(slots=True, kw_only=True)
class Piece:
    """Base of all pieces. `kind` selects the template."""

    kind: ClassVar[str] = ""
    remarks: Shown | None = None
    """The part's own meta data."""
    is_open: bool = False
    """A search matched it, so its fold is open."""

    @property
    def texts(self) -> Iterable[str]:
        """The texts that it shows."""
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
    """The address that a person may open; empty unless it belongs to the web or to this site."""
    image: str
    """The `src` of an image from the storage of this site, or from the message itself. Images of other hosts
    are never loaded, because their owner would learn who reads when."""
    address: Shown | None
    """The address as the message gives it, unless it belongs to this site."""

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
    entry: Holder
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
        """Whether the fold holds the message that was asked for, or a match of the search."""
        is_own = self.is_open or self.entry.is_asked_for
        return is_own or any(result.is_unfolded for result in self.results)


@dataclass(slots=True, kw_only=True)
class Result(Piece):
    kind: ClassVar[str] = "result"
    entry: Holder
    name: str
    call_id: str
    summary: str
    body: Shown | None
    stored: Stored | None
    error: Shown | None
    is_error: bool
    call: Call | None = None
    """The call that it answers, where the page or its margin has it."""
    stands_for_entry: bool = False
    """It carries the anchor of its message, which has no entry of its own on the page."""

    @property
    def texts(self) -> Iterable[str]:
        return (*_texts(self.body, self.stored), self.error.text if self.error else "")

    @property
    def is_unfolded(self) -> bool:
        return self.is_open or self.entry.is_asked_for

    @property
    def call_url(self) -> str:
        """The address of its call, on this page or another; empty for a result without a call id."""
        if self.call is not None:
            return self.call.entry.permalink
        message = self.entry.message
        asked: dict[str, str | int] = {"call": self.call_id, "before": message.seq}
        return self.entry.reader.transcript(message.conversation_id, **asked) if self.call_id else ""


def _texts(body: Shown | None, stored: Stored | None) -> Iterable[str]:
    return (body.text if body else "", stored.preview if stored else "")
