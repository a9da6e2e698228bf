"""A message as parts for a wire that has them, and as text, calls and files for one that has none.

The parts of a message that was not written in parts are derived on read and stored nowhere. Their ids follow
from message and position alone, so they are the same at every read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from messaging.values.ids import derived_id
from messaging.values.json import dumps, parsed_or_text

from .attachments import is_ref
from .failures import says_failure
from .items import items_in, mime_type_of
from .kinds import DETAILS, JSONObject, Kind, Link, Part, Result, text_or_none
from .parts import PartKind, UnknownPart

CONTENT_COLUMNS = ("structured_content", "tool_calls", "attachments")
JSON_COLUMNS = (*CONTENT_COLUMNS, "meta_data", "derived_meta_data")
DERIVED_FROM = ("id", "role", "content", *JSON_COLUMNS)
"""The columns of a message that its parts are derived from."""
TOOL = "tool"
INSTRUCTING = ("system", "developer")
"""The roles of what an application tells the model for the whole conversation."""
"""The role of messages that answer calls."""


FILE_KEYS = {
    "file_id": ("file_id", "object_id", "id"),
    "url": ("url", "image_url", "file_url"),
    "mime_type": ("mime_type", "content_type", "media_type"),
}


def derived_parts(message: Mapping[str, Any], link: Link) -> list[Part]:
    """The parts of a message, complete. `message` has the columns DERIVED_FROM."""
    return [
        {"id": derived_id("part", message["id"], number), **part}
        for number, part in enumerate(parts_without_ids(message, link))
    ]


def parts_without_ids(message: Mapping[str, Any], link: Link) -> list[Part]:
    """The same for whoever shows no ids: to make them takes as long as the rest."""
    kinds = PartKind.known  # a part that was made here is one of its kind
    return [kinds[part["type"]](part).stored() for part in _parts(message, link)]


def columns_read(role: str) -> Sequence[str]:
    """The JSON that parts of a message in this role are derived from: meta data name results alone."""
    return JSON_COLUMNS if role == TOOL else CONTENT_COLUMNS


def failed_tool(message: Mapping[str, Any]) -> str | None:
    """The name of the tool whose failure a message without parts tells of, empty for one without a name; None
    where it tells of none. `message` has the columns DERIVED_FROM."""
    if message["role"] != TOOL:
        return None
    return next((part["tool_name"] for part in _results(message) if part["is_error"]), None)


def text_of(kinds: Iterable[Kind]) -> str:
    """What they say, joined by newlines."""
    return "\n".join(text for kind in kinds if (text := kind.text) is not None)


def calls_of(kinds: Iterable[Kind]) -> list[JSONObject] | None:
    """The calls among them in OpenAI's shape; None where there are none."""
    return [call for kind in kinds if (call := kind.call) is not None] or None


def attachments_of(kinds: Iterable[Kind]) -> list[JSONObject] | None:
    """The files and images among them; None where there are none."""
    return [file for kind in kinds for file in kind.attachments] or None


def results_shown(role: str, parts: Iterable[Kind]) -> JSONObject | None:
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
    if items and all(item.is_turn for item in items):  # which the columns repeat
        yield from (part for item in items for part in item.parts(link))
        return
    if is_result:
        yield from _results(message)
    elif message["content"] and all(item.text is None for item in items):
        yield {"type": "text", "text": message["content"]}
    for item in items:
        if not is_result or item.text is None:  # a tool's text is its result
            yield from item.parts(link)
    for call in _listed(message["tool_calls"]):
        yield _part_of_call(call)
    if structured is None:  # otherwise the attachments repeat the items
        for attachment in _listed(message["attachments"]):
            yield _part_of_attachment(attachment, link)


def _results(message: Mapping[str, Any]) -> Iterator[Part]:
    """The content as a result; of a message whose parts are gone, each that was among them."""
    derived = message["derived_meta_data"] or {}
    for result in derived.get("tool_results", ()):
        yield _part_of_result(result["output"], result) | {"is_error": result["is_error"]}
    if "tool_results" not in derived:
        given = message["meta_data"] if isinstance(message["meta_data"], dict) else {}
        is_error = derived["is_error"] if "is_error" in derived else _is_failure(message["content"], given)
        yield _part_of_result(message["content"], {**derived, **given}) | {"is_error": is_error}


def _is_failure(content: str, meta_data: Mapping[str, Any]) -> bool:
    """Whether a result that nobody wrote as a part is an error: its author says so, or the rule does."""
    own = meta_data.get("is_error")
    return own if isinstance(own, bool) else says_failure(content)


def _listed(value: object) -> Sequence[object]:
    """A list as it is; any other value as its only element."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _part_of_call(call: object) -> Part:
    """A call in OpenAI's shape, `{id, function: {name, arguments}}`, or with those fields at its top."""
    if not isinstance(call, dict):
        return UnknownPart(call).stored()
    name, call_id, function = _identity(call)
    args = parsed_or_text(function.get("arguments", function.get("args")))
    return {"type": "tool-call", "tool_name": name, "tool_call_id": call_id, "args": args}


def called(calls: object) -> Iterator[str]:
    """Names and arguments of the calls of a message, as text."""
    for call in _listed(calls):
        name, _, function = _identity(call if isinstance(call, dict) else {})
        arguments = function.get("arguments", function.get("args"))
        yield name
        yield arguments if isinstance(arguments, str) else dumps(arguments).decode() if arguments else ""


def without_arguments(call: object) -> JSONObject:
    """Which function a call calls, and under which id, in OpenAI's shape: what is left of a redacted one."""
    name, call_id, _ = _identity(call if isinstance(call, dict) else {})
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": "{}"}}


def _part_of_result(content: str, meta_data: object) -> Part:
    """The result of the call that the meta data name, as importers do: `tool_call_id` and `name`."""
    named = meta_data if isinstance(meta_data, dict) else {}
    return {
        "type": "tool-result",
        "tool_name": text_or_none(named.get("name")) or text_or_none(named.get("tool_name")) or "",
        "tool_call_id": text_or_none(named.get("tool_call_id")),
        "output": content,
    }


def _part_of_attachment(attachment: object, link: Link) -> Part:
    """A file; what has no field of its own goes to `metadata`."""
    if not isinstance(attachment, dict):
        return {"type": "file", "metadata": {"attachment": attachment}}
    rest = {name: value for name, value in attachment.items() if name not in ("type", "metadata")}
    nested = rest.get("image_url")
    if isinstance(nested, dict):  # OpenAI's {"image_url": {"url": ..., "detail": ...}}
        rest = {name: value for name, value in rest.items() if name != "image_url"} | nested
    part: Part = {"type": "file", "detail": rest.pop("detail") if rest.get("detail") in DETAILS else None}
    if isinstance(rest.get("object_id"), str):
        part["url"] = link(rest["object_id"])
    if outside := next((name for name, value in rest.items() if is_ref(value, name)), None):
        ref = rest.pop(outside)
        part |= {"url": link(ref["object_id"]), "mime_type": text_or_none(ref.get("mime_type"))}
    for field, spellings in FILE_KEYS.items():
        for name in spellings:
            if not part.get(field) and isinstance(rest.get(name), str):
                part[field] = rest.pop(name)
    part.setdefault("mime_type", mime_type_of(part.get("url")))
    remarks = attachment.get("metadata")
    return part | {"metadata": rest or (remarks if isinstance(remarks, dict) else None)}


def _identity(call: Mapping[str, Any]) -> tuple[str, str | None, Mapping[str, Any]]:
    """(name of the tool, id of the call, the object that holds its arguments)."""
    function = call["function"] if isinstance(call.get("function"), dict) else call
    call_id = text_or_none(call.get("id")) or text_or_none(call.get("tool_call_id"))
    return text_or_none(function.get("name")) or "", call_id, function
