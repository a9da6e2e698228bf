"""What of a request has no effect, by name: body keys and query parameters that the operation does not know.

The declared models know every name. A JSON object of the caller's own, such as `meta_data`, is data whatever
its keys.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache, partial
from itertools import islice
from urllib.parse import quote

from pydantic import BaseModel

from messaging.values.problems import MOST_PROBLEMS, Problem
from messaging.values.types import Loc

from .declared import Shape, shape_of
from .names import nearest
from .parameters import META_DATA, MetaDataQuery, meta_data_key
from .preferences import PREFERENCES, misspelt_in

HEADER = "Parley-Ignored"
MOST_NAMES = 20
"""How many names the header holds; it counts the others."""
MOST_CHARACTERS = 64
"""How much of one key the header repeats."""
# RFC 9110 lets these stand in a header as they are; the comma and the semicolon separate names here.
PLAIN = "!#$&'()*+/:=?@[]^`{|}~-_"

HEADERS = {
    f"HTTP_{name.upper().replace('-', '_')}": name
    for name in (
        *("Authorization", "Idempotency-Key", "Prefer", "X-API-Key"),
        *("X-Team-Id", "X-User-Id", "X-Workspace-Id"),
    )
}
"""The headers that have an effect, or are documented to have none, by their keys in `META`."""
KNOWN = frozenset({*HEADERS, "HTTP_X_USER_IP"})
"""These, and headers of proxies that are spelled like them."""
LIKENESS_OF_HEADERS = 0.91

ANY_KEY = f"{META_DATA}.<key>"

Names = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A name that has no effect."""

    loc: Loc
    """`body`, `query` or `header`, then the keys and indexes that lead to the value."""
    value: object
    known: Collection[str]
    """The names that would have an effect there."""
    outer: frozenset[str] = frozenset()
    """The names that would have one in the objects around it."""

    @property
    def name(self) -> str:
        return str(self.loc[-1])

    @property
    def is_repeated(self) -> bool:
        """Whether the name is known, and a later value of it replaced this one."""
        return self.name in self.known


class Unread:
    """The ignored names of one request: the first of them, and how many there are."""

    def __init__(self, ignored: Iterable[Ignored] = ()) -> None:
        left = iter(ignored)
        self.first = list(islice(left, MOST_PROBLEMS))
        self.more = sum(1 for _ in left)

    def __bool__(self) -> bool:
        return bool(self.first)

    def header(self) -> str:
        """The names as the header lists them: `body.titel, query.userid;more=2`."""
        named = ", ".join(_path(each.loc) for each in self.first[:MOST_NAMES])
        more = len(self.first[MOST_NAMES:]) + self.more
        return f"{named};more={more}" if more else named

    def problems(self, read_only: Collection[str]) -> list[Problem]:
        """The same as refusals, in the words of a model that forbids them."""
        return [
            {
                "type": "extra_forbidden",
                "loc": each.loc,
                "msg": "Extra inputs are not permitted",
                "input": each.value,
                "hint": hint_for(each, read_only),
            }
            for each in self.first
        ]


def hint_for(ignored: Ignored, read_only: Collection[str] = ()) -> str:
    """What the caller may have meant. `read_only` are names that answers show and no request sets."""
    name = ignored.name[:MOST_CHARACTERS]
    if ignored.is_repeated:
        return f"`{name}` is given more than once, and only its last value counts"
    if name in ignored.outer:
        return f"`{name}` is not known here, but further out in the body"
    if near := nearest(name, ignored.known):
        return f"`{name}` is not known here; did you mean `{near}`?"
    if name in read_only:
        return f"`{name}` is set by the server; leave it out"
    known = ", ".join(f"`{each}`" for each in sorted(ignored.known))
    return f"`{name}` is not known here" + (f"; known are {known}" if known else "")


def ignored_keys(model: type[BaseModel], body: object) -> Iterator[Ignored]:
    """The keys of a body that the model does not know, at every depth."""
    shape = shape_of(model)
    if not _knows(shape, body):
        yield from _keys_below(shape, body, ("body",))


def ignored_parameters(
    model: type[BaseModel] | None, given: Names, lists: Collection[str]
) -> Iterator[Ignored]:
    """The query parameters that the model does not know, and values that a later one replaced.

    `lists` are the parameters of which every value counts.
    """
    names = _parameters_of(model)
    takes_meta_data = ANY_KEY in names
    for name, values in given.items():
        if name not in names and not (takes_meta_data and meta_data_key(name) is not None):
            yield Ignored(("query", name), values[-1], names)
        elif len(values) > 1 and name not in lists and len(set(values)) > 1:
            yield Ignored(("query", name), values[0], names | {name})


def ignored_headers(meta: Mapping[str, object]) -> Iterator[Ignored]:
    """The headers, and preferences, that nearly have the name of one of ours; `meta` is that of the request.

    A misspelt one would name no workspace or guard no retry, and nobody would notice. Of others a request
    has many, from browsers and proxies.
    """
    for name in meta:
        if name.startswith("HTTP_") and name not in KNOWN and _is_meant_for_us(name):
            yield Ignored(("header", name[5:].replace("_", "-").title()), None, HEADERS.values())
    for preference in misspelt_in(str(meta.get("HTTP_PREFER", ""))):
        yield Ignored(("header", "Prefer", preference), None, PREFERENCES)


@lru_cache(maxsize=1_000)
def _is_meant_for_us(name: str) -> bool:
    return bool(get_close_matches(name, HEADERS, n=1, cutoff=LIKENESS_OF_HEADERS))


def _knows(shape: Shape, value: object) -> bool:
    """Whether every key is known: a quick look, which spares most requests the search for their names."""
    if isinstance(value, dict) and shape.objects:
        names, below = shape.object_for(value)
        return value.keys() <= names and (
            not below or all(_knows(deeper, value[name]) for name, deeper in below.items() if name in value)
        )
    if isinstance(value, list) and shape.items and shape.items.has_names:
        return all(map(partial(_knows, shape.items), value))
    return True


def _keys_below(
    shape: Shape, value: object, loc: Loc, outer: frozenset[str] = frozenset()
) -> Iterator[Ignored]:
    if isinstance(value, dict) and shape.objects:
        names, below = shape.object_for(value)
        if not value.keys() <= names:
            yield from (Ignored((*loc, key), value[key], names, outer) for key in value if key not in names)
        for name, deeper in below.items():
            if name in value:
                yield from _keys_below(deeper, value[name], (*loc, name), outer | names)
    elif isinstance(value, list) and shape.items and shape.items.has_names:
        for index, item in enumerate(value):
            yield from _keys_below(shape.items, item, (*loc, index), outer)


@cache
def _parameters_of(model: type[BaseModel] | None) -> frozenset[str]:
    """The names of the parameters; `meta_data.<key>` for those that name a key."""
    names = frozenset(shape_of(model).fields) if model else frozenset[str]()
    if model and issubclass(model, MetaDataQuery):
        names = names - {META_DATA} | {ANY_KEY}
    return names


def _path(loc: Loc) -> str:
    """Where a name stands, percent-encoded. A dot separates keys of the body, and is encoded within one."""
    dot = "%2E" if loc[0] == "body" else "."
    pieces = (quote(str(each)[:MOST_CHARACTERS], safe=PLAIN).replace(".", dot) for each in loc)
    return ".".join(pieces)
