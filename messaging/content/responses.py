"""Messages as items of OpenAI's Responses and Conversations, and such items as messages.

What was written as an item is that item. Any other message shows what its parts say: one item for its text
and files, one for each call, result and thought. Their ids follow from message and place alone.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from messaging.values.json import dumps

from .items import item_of
from .kinds import JSONObject, Part

DIALECT = "openai"
"""The dialect that contents name whose items these are."""
PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "file_search_call": "fs",
    "web_search_call": "ws",
    "code_interpreter_call": "ci",
    "computer_call": "cu",
    "image_generation_call": "ig",
    "mcp_call": "mcp",
    "mcp_list_tools": "mcpl",
    "mcp_approval_request": "mcpr",
    "tool_search_call": "tsc",
    "tool_search_output": "tso",
}
"""How ids begin, by type of item: models refuse a message, thought or call with another prefix."""
OTHER = "item"
WITH_STATUS = ("message", "function_call", "function_call_output")
"""The types that always have a status."""
ROLES = ("user", "assistant", "system", "developer", "critic", "discriminator", "tool")
UNKNOWN = "unknown"
"""The role under which a message of any other is shown."""
DERIVED_ID = re.compile(r"[a-z]+_([0-9a-z]{26})(?:_([1-9]\d{0,5}))?", re.ASCII)
IMAGE_URL = re.compile(r"[^?#]+\.(?:png|jpe?g|gif|webp|bmp|svg)(?:[?#].*)?", re.IGNORECASE | re.DOTALL)


def fields_of_item(item: JSONObject) -> JSONObject:
    """The fields of a draft that keep an item as it was sent, with its type, and let every wire read it."""
    item = typed(item)
    return {
        "role": item_of(item).role,
        "structured_content": [item],
        "content_dialect": DIALECT,
        "item_id": item.get("id"),
    }


def typed(item: JSONObject) -> JSONObject:
    """The item with its type: that of a message may be left out."""
    return item if item.get("type") is not None else {**item, "type": "message"}


def item_id_of(message_id: str, kind: str, number: int = 0) -> str:
    """The id of the item of this type and number, from 0, that a message shows."""
    derived = f"{PREFIXES.get(kind, OTHER)}_{message_id.rpartition('_')[2]}"
    return f"{derived}_{number}" if number else derived


def message_of_item_id(item_id: str) -> tuple[str, int] | None:
    """(id of the message, number) of an id that `item_id_of` made; None for any other."""
    match = DERIVED_ID.fullmatch(item_id)
    return (f"msg_{match[1]}", int(match[2] or 0)) if match else None


def items_of_message(message: Mapping[str, Any], parts: Iterable[Part]) -> list[JSONObject]:
    """What a message is as items, each with its id: one at least.

    `message` has `id`, `role`, `item_id`, `content_dialect` and `structured_content`; `parts` are those of a
    message that was not written as an item.
    """
    if is_item(message):
        items = [completed(item) for item in message["structured_content"]]
    else:
        items = [item for item, _ in grouped(message["role"], parts)]
    own = message["item_id"]
    return [
        _identified(item, own if own and not number else item_id_of(message["id"], item["type"], number))
        for number, item in enumerate(items)
    ]


def item_sent(item: JSONObject, message_id: str) -> JSONObject:
    """An item as its message, of this id, shows it from now on."""
    item = completed(item)
    return _identified(item, item.get("id") or item_id_of(message_id, item["type"]))


def is_item(message: Mapping[str, Any]) -> bool:
    """Whether a message with these columns was written as an item, and still is that item."""
    given = message["structured_content"]
    return message["content_dialect"] == DIALECT and isinstance(given, list) and bool(given)


def completed(item: JSONObject) -> JSONObject:
    """An item as it is shown: as it was sent, with what every item of its type has."""
    item = typed({name: value for name, value in item.items() if name != "status" or value is not None})
    if item["type"] == "message" and isinstance(item.get("content"), str):
        item = {**item, "content": [_text(item.get("role"), item["content"])]}
    return {**item, "status": "completed"} if item["type"] in WITH_STATUS and "status" not in item else item


def _identified(item: JSONObject, item_id: str) -> JSONObject:
    return {**item, "id": item_id} if "id" in item else {"id": item_id, **item}


def grouped(role: str, parts: Iterable[Part]) -> list[tuple[JSONObject, list[Part]]]:
    """The items of a message, one at least, without ids, each with the parts that it shows.

    Text and files that follow each other are one message; files of a tool belong to what it answers.
    """
    groups: list[tuple[JSONObject, list[Part]]] = []
    told: list[Part] = []
    for part in parts:
        if item := _item_of_part(part):
            groups += [_saying(role, told)] if told else []
            groups.append((item, [part]))
            told = []
        elif role == "tool" and groups and part["type"] == "file":
            _answer_with(part, *groups[-1])
        else:
            told.append(part)
    return groups + ([_saying(role, told)] if told or not groups else [])


def _saying(role: str, parts: list[Part]) -> tuple[JSONObject, list[Part]]:
    return _message(role, [_content(role, part) for part in parts]), parts


def _answer_with(file: Part, answer: JSONObject, parts: list[Part]) -> None:
    """Let a tool answer with a file, too."""
    output = answer["output"]
    listed = output if isinstance(output, list) else [{"type": "input_text", "text": output}]
    answer["output"] = [*listed, _content("tool", file)]
    parts.append(file)


def _message(role: str, content: list[JSONObject]) -> JSONObject:
    shown = role if role in ROLES else UNKNOWN
    return {"type": "message", "role": shown, "status": "completed", "content": content}


def _item_of_part(part: Part) -> JSONObject | None:
    """The item that a part is by itself; None for what is said within a message."""
    match part["type"]:
        case "reasoning":
            summary = [{"type": "summary_text", "text": part["text"]}] if part["text"] else []
            return {"type": "reasoning", "summary": summary}
        case "tool-call":
            written = {"name": part["tool_name"], "arguments": _payload(part, "args") or "{}"}
            return {"type": "function_call", **_call_id(part), **written, "status": "completed"}
        case "tool-result" | "tool-error":
            told = _payload(part, "output") or part["error_text"] or ""
            answered = {"output": told, "status": "completed"}
            return {"type": "function_call_output", **_call_id(part), **answered}
    return None


def _call_id(part: Part) -> JSONObject:
    """A call that has no id gets one of its part, so that it can be answered."""
    return {"call_id": part["tool_call_id"] or f"call_{part['id'].rpartition('_')[2]}"}


def _payload(part: Part, name: str) -> str:
    """A payload as text; how it begins, where it is kept outside and was not read."""
    value = part.get(name)
    if value is None and (ref := part.get(f"{name}_ref")):
        value = ref.get("preview_text")
    return _written(value)


def _written(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value).decode()


def _content(role: str, part: Part) -> JSONObject:
    """What a part says within a message."""
    match part["type"]:
        case "file":
            return _file(part) or _text(role, _written(part["metadata"]))
        case "data":
            return _text(role, _payload(part, "data"))
    remarks = part["metadata"] or {}
    if remarks.get("refusal") is True:
        return {"type": "refusal", "refusal": part["text"]}
    return _text(role, part["text"], remarks.get("annotations"))


def _text(role: object, text: str, annotations: object = None) -> JSONObject:
    if role != "assistant":
        return {"type": "input_text", "text": text}
    listed = annotations if isinstance(annotations, list) else []
    known = [each for each in listed if isinstance(each, Mapping)]
    return {"type": "output_text", "text": text, "annotations": known}


def _file(part: Part) -> JSONObject | None:
    """An image or a file; None for one that neither an id nor a URL leads to."""
    file_id, url = part["file_id"], part["url"]
    if not file_id and not url:
        return None
    if _is_image(part):
        where = {"image_url": url} if url else {"file_id": file_id}
        return {"type": "input_image", "detail": part["detail"] or "auto", **where}
    filename = (part["metadata"] or {}).get("filename")
    named = {"filename": filename} if isinstance(filename, str) else {}
    if not url:
        return {"type": "input_file", "file_id": file_id, **named}
    return {"type": "input_file", "file_data" if url.startswith("data:") else "file_url": url, **named}


def _is_image(part: Part) -> bool:
    if mime_type := part["mime_type"]:
        return bool(mime_type.startswith("image/"))
    return bool(part["detail"] or IMAGE_URL.fullmatch(part["url"] or ""))
