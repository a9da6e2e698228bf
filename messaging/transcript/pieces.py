"""The neutral in-between of all formats: turns of pieces, as the parts of the store say them.

A format reads its objects to turns and writes them from turns; none of them knows another.
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from messaging.content import INSTRUCTING
from messaging.values.json import dumps, parsed_or_text
from messaging.values.types import JSONObject, Loc

SYSTEM = frozenset(INSTRUCTING)
"""The roles of instructions."""
USER, ASSISTANT, TOOL = "user", "assistant", "tool"
ALIASES = {"human": USER, "ai": ASSISTANT, "bot": ASSISTANT, "model": ASSISTANT, "function": TOOL}
"""What others call the roles that models know."""
NO_USERS = frozenset({ASSISTANT, TOOL, *SYSTEM, *(name for name, role in ALIASES.items() if role != USER)})
"""The roles of all but users: any other is a user's."""


BODY: Loc = ("body",)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """One part of what a turn says. Pieces are told apart by identity: two may read alike."""

    metadata: JSONObject = field(default_factory=dict)
    """What its author says of it beyond its fields, such as `signature` of Anthropic's reasoning."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Text(Piece):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reasoning(Piece):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class File(Piece):
    """An image or another file: by URL, which may be a data URL, or by the id that a vendor gave it."""

    url: str | None = None
    file_id: str | None = None
    mime_type: str | None = None
    detail: str | None = None
    name: str | None = None

    @property
    def is_image(self) -> bool:
        """By its type; without one, what stands at a URL and has no name is taken for an image."""
        if self.mime_type:
            return self.mime_type.startswith("image/")
        return bool(self.detail or (self.url and not self.name))

    @property
    def is_broken(self) -> bool:
        """Whether it carries data that nobody can decode, for which a provider refuses a conversation."""
        data = self.data
        try:
            b64decode(data[1] if data else "", validate=True)
        except ValueError:
            return True
        return False

    @property
    def data(self) -> tuple[str, str] | None:
        """(mime type, base64 text) of a data URL; None for what stands elsewhere."""
        head, comma, data = (self.url or "").partition(",")
        if not comma or not head.startswith("data:") or not head.endswith(";base64"):
            return None
        return head[len("data:") : -len(";base64")].partition(";")[0] or "application/octet-stream", data


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Data(Piece):
    """What no other kind says, whole."""

    data: object
    data_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call(Piece):
    """The call of a tool."""

    name: str
    id: str | None = None
    arguments: str = "{}"
    """As written: JSON, or what a model took for it."""

    @property
    def input(self) -> object:
        """The arguments as a JSON value, null as none; the text itself where it is none."""
        value = parsed_or_text(self.arguments)
        return {} if value is None else value

    @property
    def fields(self) -> JSONObject:
        """The same as the object that some providers demand."""
        value = self.input
        return value if isinstance(value, dict) else {"arguments": value}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result(Piece):
    """What came back of a call."""

    name: str = ""
    id: str | None = None
    output: object = ""
    """A text, or a JSON value."""
    is_error: bool = False

    @property
    def text(self) -> str:
        """The output as text."""
        return as_text(self.output)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turn:
    """A message: one of the store, or one that a format has read."""

    role: str
    pieces: tuple[Piece, ...] = ()
    id: str = ""
    """That of the message; empty for one that is not stored."""
    name: str | None = None
    """Of the author, as OpenAI names it."""
    meta_data: JSONObject = field(default_factory=dict)
    item: JSONObject | None = None
    """The item of OpenAI's Responses that it was sent as, which is kept."""
    tokens: int = 0
    loc: Loc = BODY
    """Where it stands in the object that it was read from."""

    @property
    def is_system(self) -> bool:
        return self.role in SYSTEM


def texts(pieces: Iterable[Piece]) -> str:
    """What they say in words, joined by newlines."""
    return "\n".join(piece.text for piece in pieces if isinstance(piece, Text))


def as_text(value: object) -> str:
    """A text as it is, null as none, any other value as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return dumps(value).decode()


def known_role(role: str) -> str:
    """The role by the name that models know; that of a user for any other."""
    return role if role in (USER, ASSISTANT, TOOL, *SYSTEM) else ALIASES.get(role.lower(), USER)


def present(values: Mapping[str, object]) -> JSONObject:
    """Those that are neither null nor empty."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
