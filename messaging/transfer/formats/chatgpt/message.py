"""The message of one node of the tree, in the words of the store."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from messaging.services import ImportedMessage, fingerprint_of
from messaging.transfer.fields import MessageFields, moment_of
from messaging.values.json import dumps

REASONING = ("thoughts", "reasoning_recap")
TO_EVERYBODY = ("all", "assistant")
TEXTS = ("text", "result", "content", "user_profile", "user_instructions")
"""Where the types of content that have no parts keep what they say."""
ABOUT = ("status", "recipient", "end_turn", "channel", "update_time")

OTHER = "other"
"""The mark of messages that are not of the current branch."""

Given = Mapping[str, Any]


def message_of(
    name: str, given: Given, before: ImportedMessage | None, opened_at: datetime | None, *, is_current: bool
) -> ImportedMessage | None:
    """The message of a node; None where it says nothing. `before` is the message that it follows.

    Raises pydantic's ValidationError.
    """
    text, attachments = _content(given)
    if not text.strip() and not attachments:
        return None
    author = _object(given.get("author"))
    call = _call(name, given, text)
    time = before.draft.created_at if before else opened_at
    fields = MessageFields(
        role=author.get("role"),
        content="" if call else text,
        message_type="reasoning" if _type(given) in REASONING else "text",
        sender_id=author.get("name") or (None if author.get("role") == "user" else author.get("role")),
        created_at=moment_of(given.get("create_time")) or time,
        tool_calls=[call] if call else None,
        attachments=attachments or None,
        meta_data=_meta_data(name, given, before, is_current=is_current),
    )
    return ImportedMessage(
        name=name,
        dedup_key=fingerprint_of(b"chatgpt", name.encode()),
        parent=before.name if before and not is_current else None,
        branch="" if is_current else OTHER,
        draft=fields.draft(),
    )


def _call(name: str, given: Given, text: str) -> dict[str, Any] | None:
    """What the assistant says to a tool is a call of the tool."""
    recipient = given.get("recipient")
    is_of_assistant = _object(given.get("author")).get("role") == "assistant"
    if not is_of_assistant or not isinstance(recipient, str) or recipient in TO_EVERYBODY:
        return None
    return {"id": name, "type": "function", "function": {"name": recipient, "arguments": text}}


def _meta_data(
    name: str, given: Given, before: ImportedMessage | None, *, is_current: bool
) -> dict[str, Any]:
    author, metadata = _object(given.get("author")), _object(given.get("metadata"))
    is_result = author.get("role") == "tool" and before is not None and before.draft.tool_calls
    values = {
        "model": metadata.get("model_slug"),
        "name": author.get("name"),
        "tool_call_id": before.name if before and is_result else None,
        "hidden": True if metadata.get("is_visually_hidden_from_conversation") is True else None,
        "branch": None if is_current else OTHER,
        "chatgpt": _present(
            {
                "id": name,
                "content_type": _type(given),
                "language": _object(given.get("content")).get("language"),
                "metadata": dict(metadata) or None,
                **{key: given.get(key) for key in ABOUT},
            }
        ),
    }
    return _present(values)


def _content(given: Given) -> tuple[str, list[dict[str, Any]]]:
    """(the text, images and files), whatever the type of the content."""
    content, metadata = _object(given.get("content")), _object(given.get("metadata"))
    texts: list[Any] = []
    attachments: list[dict[str, Any]] = []
    for part in _list(content.get("parts")):
        text = part.get("text") if isinstance(part, dict) else part
        if isinstance(part, dict) and not text:
            attachments.append(_attachment(part))
        else:
            texts.append(text)
    for thought in map(_object, _list(content.get("thoughts"))):
        texts += [thought.get("summary"), thought.get("content")]
    texts += [content.get(key) for key in TEXTS]
    attachments += [
        {"type": "file", **item} for item in map(_object, _list(metadata.get("attachments"))) if item
    ]
    return "\n".join(_text(text) for text in texts if text), attachments


def _attachment(part: Mapping[str, Any]) -> dict[str, Any]:
    pointer = part.get("asset_pointer")
    kind = "image" if part.get("content_type") == "image_asset_pointer" else "file"
    return {"type": kind, **({"file_id": pointer} if isinstance(pointer, str) else {}), **part}


def _type(given: Given) -> object:
    return _object(given.get("content")).get("content_type")


def _text(value: object) -> str:
    return value if isinstance(value, str) else dumps(value).decode()


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
