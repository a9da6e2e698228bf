"""Answers: encoded once, by us, so that no renderer of a host can touch them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from django.http import HttpResponse, StreamingHttpResponse

from messaging.sql.rows import JSONRow
from messaging.values.json import WriteMoment, encode

Rows = list[JSONRow]
Piece = TypeVar("Piece")
VARY = {"Vary": "Authorization, X-API-Key, X-Workspace-Id, X-User-Id"}
"""Headers of a request that decide what is answered."""
KEPT_BY_NOBODY = {"Cache-Control": "no-store", **VARY}
"""Headers of an answer that no cache may keep: it shows what one caller may see, at this moment."""


class WireResponse(HttpResponse):
    """`payload` as JSON; no body at all for 204. `moment` writes its times, in place of ISO 8601."""

    def __init__(
        self,
        payload: object = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        moment: WriteMoment | None = None,
    ) -> None:
        content = b"" if status == 204 else encode(payload, moment)
        headers = {**KEPT_BY_NOBODY, **(headers or {})}
        super().__init__(content, status=status, content_type="application/json", headers=headers)
        if status == 204:
            del self["Content-Type"]


class TextResponse(HttpResponse):
    """A text as it is."""

    def __init__(self, text: str) -> None:
        content_type = "text/plain; charset=utf-8"
        super().__init__(text.encode(), content_type=content_type, headers=KEPT_BY_NOBODY)


def listed(
    rows: Rows, further: Iterator[Rows] | None, render: Callable[[Rows], list[Any]]
) -> "list[Any] | InPieces":
    """A list of rows as they are shown; `further` are those that an answer does not hold at once."""
    if further is None:
        return render(rows)
    return InPieces(map(render, led_by(rows, further)))


def led_by(first: Piece, others: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces of an answer; the first is not held any longer than another one."""
    return chain(iter([first]), others)  # an iterator of a list lets go of it at its end, a list does not


@dataclass(frozen=True, slots=True)
class InPieces:
    """A list that is written piece by piece, since an answer does not hold it at once."""

    pieces: Iterable[Sequence[object]]
    name: str = ""
    """The member of an object that it is, with `rest` behind it; empty for a list by itself."""
    rest: Mapping[str, object] = field(default_factory=dict)

    def response(self, moment: WriteMoment | None = None) -> StreamingHttpResponse:
        """The answer; see WireResponse. Another thread may make the pieces, in the context of this one: it
        says which database is read."""
        written = self._written(moment)
        run = partial(copy_context().run, next, written, None)
        return StreamingHttpResponse(iter(run, None), content_type="application/json", headers=KEPT_BY_NOBODY)

    def _written(self, moment: WriteMoment | None) -> Iterator[bytes]:
        yield (b"{" + encode(self.name) + b":[") if self.name else b"["
        comma = b""
        for piece in self.pieces:
            if piece:
                yield comma + encode(piece, moment)[1:-1]
                comma = b","
        yield (b"]," + encode(self.rest, moment)[1:]) if self.name else b"]"
