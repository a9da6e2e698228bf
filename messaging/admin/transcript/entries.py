"""A message as an entry of the page, and its parts as the pieces of the entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from messaging.admin.display import Shown, shown_json
from messaging.admin.roles import author_of, is_by_agent, look_of
from messaging.models import Feedback, Message, Run
from messaging.rights import REDACT
from messaging.values.text import fold

from .reader import Reader

MARK_LENGTH = 40
ACCOUNTS = frozenset({"chatgpt", "claude"})
"""The keys below which imports of accounts keep what their vendor says of a message."""
ERROR = "error"
"""The message type and role under which applications store errors."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another message: its role, its beginning, and its address."""

    id: str
    role: str = ""
    excerpt: str = ""
    url: str = ""
    """Empty for a message that does not exist: the id is kept as the writer gave it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A value that is stored as a file: its address, if the reader may open it, and its beginning."""

    url: str
    size_bytes: int
    mime_type: str
    preview: str


@dataclass(slots=True, kw_only=True)
class Piece:
    """A part of a message."""

    kind: str
    """Selects the template: `text`, `reasoning`, `data`, `call`, `result` or `file`."""
    name: str = ""
    body: Shown | None = None
    stored: Stored | None = None
    error: Shown | None = None
    """What failed, in words."""
    remarks: Shown | None = None
    """The part's own meta data."""
    is_open: bool = False
    """A search matched it, so its fold is open."""

    @property
    def texts(self) -> Iterable[str]:
        """The texts that it shows."""
        shown = [value.text for value in (self.body, self.error) if value]
        return [*shown, self.stored.preview] if self.stored else shown


@dataclass(slots=True, kw_only=True)
class File(Piece):
    """`body` is the address as the message gives it, unless it belongs to this site."""

    kind: str = "file"
    mime_type: str
    link: str
    """The address that a person may open; empty unless it belongs to the web or to this site."""
    image: str
    """The `src` of an image from the storage of this site, or from the message itself. Images of other hosts
    are never loaded, because their owner would learn who reads when."""

    @property
    def texts(self) -> Iterable[str]:
        return (self.name, self.body.text if self.body else "")

    @property
    def is_image(self) -> bool:
        return bool(self.image) or self.mime_type.startswith("image/")


@dataclass(slots=True, kw_only=True)
class Tool(Piece):
    """A call of a tool, or a result, which folds under its call where the page or its margin has it."""

    entry: "Entry"
    call_id: str
    summary: str
    """The arguments or the result on one line."""
    is_failure: bool
    call: "Tool | None" = None
    """The call that a result answers."""
    results: "list[Tool]" = field(default_factory=list)
    """The results of a call."""
    stands_for_entry: bool = False
    """It carries the anchor of its message, which has no entry of its own on the page."""

    @property
    def is_error(self) -> bool:
        return self.is_failure or any(result.is_error for result in self.results)

    @property
    def is_unfolded(self) -> bool:
        """Whether the fold holds the message that was asked for, or a match of the search."""
        is_own = self.is_open or self.entry.is_asked_for
        return is_own or any(result.is_unfolded for result in self.results)

    @property
    def call_url(self) -> str:
        """The address of the call of a result, on this page or another; empty without a call id."""
        if self.call is not None:
            return self.call.entry.permalink
        message = self.entry.message
        asked: dict[str, str | int] = {"call": self.call_id, "before": message.seq}
        return self.entry.reader.transcript(message.conversation_id, **asked) if self.call_id else ""


@dataclass(slots=True, eq=False)
class Entry:
    """A message, its pieces, and what this reader may do with it."""

    message: Message
    reader: Reader
    is_asked_for: bool = False
    """The address of the page names this message."""
    pieces: list[Piece] = field(default_factory=list)
    parent: Reference | None = None
    replies: Sequence[Reference] = ()
    feedback: Sequence[tuple[Feedback, str]] = ()
    """What is thought of it, in the order in which it was given, each with the address of its page, which is
    empty for who may not open it."""
    run: Run | None = None
    """The run that wrote it; None also for a run without a row."""
    begins_run: bool = False
    """The first of its run on the page."""
    continues_run: bool = False
    """Its run began on an earlier page."""
    ends_run: bool = False
    memories: list[str] = field(default_factory=list)
    """Addresses of what was drawn from it, for who may see that."""

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
        failed = any(isinstance(piece, Tool) and piece.is_failure for piece in self.pieces)
        return failed or ERROR in (self.message.message_type, self.message.role)

    @property
    def is_unfolded(self) -> bool:
        """Whether a superseded message is open: it was asked for, or a search matched it."""
        return self.is_asked_for or any(piece.is_open for piece in self.pieces)

    @property
    def superseder_url(self) -> str:
        """The address of the message that took its place; empty where none did."""
        superseder = self.message.superseded_by
        return self.reader.permalink(superseder) if superseder else ""

    @property
    def marks(self) -> list[str]:
        """What the account that the message was imported from says of it: whether the reader saw it."""
        given = self.message.meta_data or {}
        if not ACCOUNTS & set(given):
            return []
        marks = [_("hidden")] if given.get("hidden") is True else []
        marks += [_("weight 0")] if given.get("weight") == 0 and given["weight"] is not False else []
        status = given.get("status")
        return [str(mark) for mark in marks] + ([status[:MARK_LENGTH]] if isinstance(status, str) else [])

    @property
    def meta_data(self) -> Shown | None:
        return shown_json(self.message.meta_data, self.reader.limit) if self.message.meta_data else None

    @property
    def permalink(self) -> str:
        return self.reader.permalink(self.message.pk)

    @property
    def whole_url(self) -> str:
        return self.reader.page("parley_message_whole", self.message.pk)

    @property
    def edit_url(self) -> str:
        """The form, which leads back to the permalink."""
        change, page = "parley.change_message", "parley_message_change"
        return self.reader.page_if(change, page, self.message.pk, next=self.permalink)

    @property
    def redact_url(self) -> str:
        if self.message.redacted_at:
            return ""
        return self.reader.page_if(REDACT, "parley_message_redact", self.message.pk, next=self.permalink)

    @property
    def run_url(self) -> str:
        return self.reader.run(self.message.run_id or "")

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
        results = [piece for piece in self.pieces if isinstance(piece, Tool) and piece.call]
        folded = [result for result in results if result.call and result.call.entry.message.pk in on_page]
        self.pieces = [piece for piece in self.pieces if piece not in folded]
        if not folded or self.pieces:
            return False
        folded[0].stands_for_entry = True
        return True
