"""What formats have in common. A further format is a further class, registered by being defined."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from messaging.exceptions import InvalidValue
from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    BODY,
    TOOL,
    Call,
    Data,
    File,
    Piece,
    Reasoning,
    Result,
    Text,
    Turn,
)
from messaging.transcript.steps import Step
from messaging.values.types import JSONObject, Loc

Given = Mapping[str, Any]


class Format:
    """One way to write a conversation, and to read what is written so."""

    known: ClassVar[dict[str, type["Format"]]] = {}
    name: ClassVar[str] = ""
    """By which it is asked for; empty for a base."""
    keys: ClassVar[tuple[str, ...]] = ("messages",)
    """The keys of its object, as the vendor's client takes them."""
    starts: ClassVar[frozenset[str]] = frozenset()
    """The roles with which a conversation may begin, instructions aside; empty for any."""
    hoists_system: ClassVar[bool] = False
    """Whether instructions come first, wherever they were given."""

    def __init_subclass__(cls) -> None:
        if cls.name:
            Format.known[cls.name] = cls

    def write(self, steps: Sequence[Step], notes: Omissions) -> JSONObject:
        """The object of these steps. What cannot be said in this format is left out and noted."""
        raise NotImplementedError

    def read(self, given: Given) -> list[Turn]:
        """The turns of an object. Raises InvalidValue for what is none of this format."""
        raise NotImplementedError

    def expresses(self, piece: Piece, role: str) -> bool:
        """Whether the format can say this in a turn of this role, where it is sound."""
        raise NotImplementedError

    def says(self, piece: Piece, role: str) -> bool:
        """Whether the format says this in a turn of this role."""
        return self.expresses(piece, role) and not (isinstance(piece, File) and piece.is_broken)

    def expresses_any(self, step: Step, notes: Omissions) -> bool:
        """Whether the format can say anything of a step; where it cannot, that is noted."""
        if any(self.says(piece, step.role) for piece in step.pieces):
            return True
        for piece in step.pieces:
            notes.note(step.turn.id, reason_of(piece))
        return False

    def expressible(self, step: Step, notes: Omissions) -> Iterator[Piece]:
        """What of a step the format can say; the rest is noted."""
        for piece in step.pieces:
            if self.says(piece, step.role):
                yield piece
            else:
                notes.note(step.turn.id, reason_of(piece))


def reason_of(piece: Piece) -> str:
    """Why a piece that a format cannot say is not there: its kind, and of reasoning that nobody signed it."""
    return "reasoning" if isinstance(piece, Reasoning) else type(piece).__name__.lower()


class CallIds:
    """The ids of calls as a provider takes them: of its characters and length, and each used once."""

    def __init__(self, *, most: int, characters: str = r"\w-") -> None:
        self._foreign, self._most = re.compile(f"[^{characters}]", re.ASCII), most
        self._by_call: dict[Call, str] = {}
        self._used: dict[str, int] = {}

    def __getitem__(self, call: Call) -> str:
        if call not in self._by_call:
            self._by_call[call] = self._fresh(self._foreign.sub("_", call.id or "call")[: self._most])
        return self._by_call[call]

    def _fresh(self, wanted: str) -> str:
        """The id itself the first time, then with a number that no other id ends in."""
        made = wanted = wanted or "call"
        while made in self._used:
            self._used[wanted] += 1
            ending = f"_{self._used[wanted]}"
            made = wanted[: self._most - len(ending)] + ending
        self._used[made] = 1
        return made


def tool_name(call: Call) -> str:
    """The name of a tool as providers take it."""
    return re.sub(r"[^\w-]", "_", call.name, flags=re.ASCII)[:64] or "tool"


def turns_in(given: Given, key: str, read: "ReadTurns") -> Iterator[Turn]:
    """The turns that `read` makes of each object of the list under this key. Raises InvalidValue."""
    for number, each in enumerate(listed(given, key)):
        loc = (*BODY, key, number)
        yield from (replace(turn, loc=loc) for turn in read(each, loc))


def listed(given: Given, key: str, loc: Loc = BODY) -> list[Any]:
    """The list under this key. Raises InvalidValue."""
    value = given.get(key)
    if value is None:
        raise refused((*loc, key), "Field required", "missing")
    if not isinstance(value, list):
        raise refused((*loc, key), "Input should be a valid list", "list_type")
    return value


def an_object(value: object, loc: Loc) -> Given:
    """The value, which is an object. Raises InvalidValue."""
    if not isinstance(value, dict):
        raise refused(loc, "Input should be an object", "dict_type")
    return value


def a_text(value: object, loc: Loc) -> str:
    """The value, which is a text. Raises InvalidValue."""
    if not isinstance(value, str):
        raise refused(loc, "Input should be a valid string", "string_type")
    return value


def text_or_none(given: Given, name: str, loc: Loc) -> str | None:
    """The text under this name of the object at `loc`, if there is one. Raises InvalidValue."""
    value = given.get(name)
    return None if value is None else a_text(value, (*loc, name))


def is_set(given: Given, name: str, loc: Loc) -> bool:
    """Whether the flag of this name is true; one that is not there is not. Raises InvalidValue."""
    value = given.get(name)
    if not isinstance(value, bool | None):
        raise refused((*loc, name), "Input should be a valid boolean", "bool_type")
    return value is True


def one_of(value: object, choices: Collection[str], loc: Loc) -> str:
    """The value, which is one of these texts. Raises InvalidValue."""
    if not isinstance(value, str) or value not in choices:
        raise refused(loc, f"Input should be one of {', '.join(sorted(choices))}", "literal_error")
    return value


def rest_of(given: Given, *names: str, **inner: Collection[str]) -> JSONObject:
    """What else an object says; nulls say nothing. `inner` names objects in it, and what is read of each."""
    known = {*names, *inner}
    rest = {name: value for name, value in given.items() if name not in known and value is not None}
    objects = {name: given[name] for name in inner if isinstance(given.get(name), dict)}
    below = {name: rest_of(value, *inner[name]) for name, value in objects.items()}
    return {**rest, **{name: left for name, left in below.items() if left}}


def results_first(role: str, pieces: Iterable[Piece], meta_data: JSONObject) -> list[Turn]:
    """The turns of a message: results come first, each a turn of its own, and then what else is said."""
    pieces = list(pieces)
    results = [piece for piece in pieces if isinstance(piece, Result)]
    others = tuple(piece for piece in pieces if not isinstance(piece, Result))
    turns = [Turn(role=TOOL, pieces=(result,)) for result in results]
    if others or not results:
        turns.append(Turn(role=role, pieces=others))
    return [*turns[:-1], replace(turns[-1], meta_data=meta_data)]


def refused(loc: Loc, reason: str, kind: str) -> InvalidValue:
    return InvalidValue(loc, reason, kind)


ReadItem = Callable[[Given, Loc], Piece]
ReadTurns = Callable[[object, Loc], Iterable[Turn]]


def read_item(given: object, loc: Loc, kinds: Mapping[str, ReadItem]) -> Piece:
    """The piece that an item of a list says, by its type; one of another type is data, kept whole. A text may
    stand there by itself. Raises InvalidValue."""
    item = an_object({"type": "text", "text": given} if isinstance(given, str) else given, loc)
    kind = a_text(item.get("type"), (*loc, "type"))
    return kinds[kind](item, loc) if kind in kinds else whole(item, kind)


def whole(item: Given, kind: str) -> Data:
    """The data of an item of this kind, with all that it says: a null says nothing."""
    return Data(data=rest_of(item), data_type=kind)


def read_text(item: Given, loc: Loc) -> Piece:
    """The text under `text`. Raises InvalidValue."""
    return Text(text=a_text(item.get("text"), (*loc, "text")), metadata=rest_of(item, "type", "text"))
