"""A message as parts for a wire that has them, and as text, calls and files for one that has none.

The parts of a message that was not written in parts are derived on read and stored nowhere. Their ids follow
from message and position alone, so they are the same at every read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from messaging.values.ids import derived_id

from .calls import part_of_attachment, part_of_call, part_of_result
from .items import items_in
from .kinds import JSONObject, Kind, Link, Part
from .parts import PartKind, Result, part_of

JSON_COLUMNS = ("structured_content", "tool_calls", "attachments", "meta_data", "derived_meta_data")
DERIVED_FROM = ("id", "role", "content", *JSON_COLUMNS)
"""The columns of a message that its parts are derived from."""
TOOL = "tool"
"""The role of messages that answer calls."""


def derived_parts(message: Mapping[str, Any], link: Link) -> list[Part]:
    """The parts of a message, complete. `message` has the columns DERIVED_FROM."""
    parts = enumerate(_parts(message, link))
    return [part_of(part).complete(derived_id("part", message["id"], number)) for number, part in parts]


def text_of(kinds: Iterable[Kind]) -> str:
    """What they say, joined by newlines."""
    return "\n".join(text for kind in kinds if (text := kind.text) is not None)


def calls_of(kinds: Iterable[Kind]) -> list[JSONObject] | None:
    """The calls among them in OpenAI's shape; None where there are none."""
    return [call for kind in kinds if (call := kind.call) is not None] or None


def attachments_of(kinds: Iterable[Kind]) -> list[JSONObject] | None:
    """The files and images among them; None where there are none."""
    return [file for kind in kinds if (file := kind.attachment) is not None] or None


def results_shown(role: str, parts: Iterable[PartKind]) -> JSONObject | None:
    """What meta data show of the results among the parts, so that each keeps its call; None without any.

    The text of a tool's message that holds one result is that result; of several each comes with its text.
    """
    results = [result for part in parts if (result := part.result) is not None]
    if len(results) == 1 and role == TOOL:
        return _without_output(results[0])
    return {"tool_results": results} if results else None


def _without_output(result: Result) -> JSONObject:
    return {name: value for name, value in result.items() if name != "output"}


def _parts(message: Mapping[str, Any], link: Link) -> Iterator[Part]:
    is_result, structured = message["role"] == TOOL, message["structured_content"]
    items = items_in(structured)
    if is_result:
        yield from _results(message)
    elif message["content"] and all(item.text is None for item in items):
        yield {"type": "text", "text": message["content"]}
    for item in items:
        if not is_result or item.text is None:  # a tool's text is its result
            yield item.part(link)
    for call in _listed(message["tool_calls"]):
        yield part_of_call(call)
    if structured is None:  # otherwise the attachments repeat the items
        for attachment in _listed(message["attachments"]):
            yield part_of_attachment(attachment, link)


def _results(message: Mapping[str, Any]) -> Iterator[Part]:
    """The content as a result; of a message whose parts are gone, each that was among them."""
    derived = message["derived_meta_data"] or {}
    for result in derived.get("tool_results", ()):
        yield part_of_result(result["output"], result) | {"is_error": result["is_error"]}
    if "tool_results" not in derived:
        named = {**derived, **message["meta_data"]} if isinstance(message["meta_data"], dict) else derived
        yield part_of_result(message["content"], named) | {"is_error": derived.get("is_error")}


def _listed(value: object) -> Sequence[object]:
    """A list as it is; any other value as its only element."""
    return value if isinstance(value, list) else [] if value is None else [value]
