"""The message of one node of the tree, in the words of the store."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from messaging.services import ImportedMessage
from messaging.transfer.archive import Archive
from messaging.transfer.contents import (
    Content,
    as_list,
    as_object,
    kind_name,
    present,
    says_something,
)
from messaging.transfer.fields import MessageFields, authored, moment_of
from messaging.transfer.kinds import Kinds, Outcome
from messaging.transfer.tally import Read

from .content import attached, bring_files, read, shape_of
from .ratings import feedback_of

TO_EVERYBODY = ("all", "assistant")
FINISHED = ("finished_successfully", "finished")
OF_MESSAGES = ("id", "author", "content", "create_time")
FORESEEN = frozenset(
    {*OF_MESSAGES, "update_time", "status", "end_turn", "weight", "recipient", "channel", "metadata"}
)
OF_INSTRUCTIONS = ("about_user_message", "about_model_message")
NO_AUTHOR = "unknown"
"""The role of a message that names no author."""

Given = Mapping[str, Any]


def message_of(
    name: str,
    given: object,
    before: ImportedMessage | None,
    opened_at: datetime | None,
    archive: Archive,
    *,
    is_current: bool,
) -> Read:
    """The message of a node. `before` is the message that it follows. Raises pydantic's ValidationError."""
    about = as_object(given)
    content = content_of(name, given)
    if content.is_empty:
        return Read(None, _empty(about))
    bring_files(content, archive)
    meta_data = _meta_data(name, about, before, content)
    rating = archive.feedback(name)
    if rating:
        meta_data |= present({"rating": rating.get("rating")}) | {"feedback": dict(rating)}
    time = moment_of(about.get("create_time")) or (before.draft.created_at if before else opened_at)
    fields = MessageFields(**_authored(about), **content.columns(), created_at=time, meta_data=meta_data)
    message = content.message("chatgpt", name, fields, before, is_current=is_current)
    if rating:
        message = replace(message, feedback=feedback_of(rating, time))
    is_hidden = bool({"hidden", "weight"} & set(meta_data))
    return Read(message, _hidden(content.kinds) if is_hidden else content.kinds, is_hidden, content.missing)


def _authored(given: Given) -> dict[str, Any]:
    """Role, author and type of a message."""
    role = _role(given)
    return {
        **authored(role, as_object(given.get("author")).get("name")),
        "role": role,
        "message_type": shape_of(as_object(given.get("content"))).message_type,
    }


def content_of(name: str, given: object) -> Content:
    """What the message of this node says, in its content and next to it."""
    if not isinstance(given, Mapping):
        content = Content()
        content.data("message", given)
        content.count("message", Outcome.DATA)
        return content
    content, metadata = read(given.get("content")), as_object(given.get("metadata"))
    attached(content, as_list(metadata.get("attachments")))
    _images_of_code(content, as_object(metadata.get("aggregate_result")))
    if content.is_empty:
        _instructions(content, as_object(metadata.get("user_context_message_data")))
    others = {key: value for key, value in given.items() if key not in FORESEEN}
    if content.is_empty and says_something(others):
        content.data("message", others)
        content.count("message", Outcome.DATA)
    _make_call(name, content, given)
    return content


def _instructions(content: Content, given: Given) -> None:
    """The instructions of a user, which stand in the meta data of a message without words."""
    for name in OF_INSTRUCTIONS:
        if isinstance(given.get(name), str) and given[name]:
            content.text(given[name])
    if says_something(given):
        if content.is_empty:
            content.data("user_context_message_data", dict(given))
        content.count("user_context_message_data")


def _images_of_code(content: Content, result: Given) -> None:
    """What code has drawn; the rest of its result stays in the meta data."""
    for item in map(as_object, as_list(result.get("messages"))):
        if isinstance(item.get("image_url"), str):
            content.file({"type": "image", "file_id": item["image_url"], **item})
            content.count("image of code")


def _make_call(name: str, content: Content, given: Given) -> None:
    """What the assistant says to a tool is a call of the tool."""
    recipient = given.get("recipient")
    is_of_assistant = as_object(given.get("author")).get("role") == "assistant"
    if not is_of_assistant or not isinstance(recipient, str) or recipient in TO_EVERYBODY:
        return
    if words := content.words:
        content.parts = [part for part in content.parts if part["type"] != "text"]
        content.call(recipient, name, words)


def _role(given: Given) -> str:
    role = as_object(given.get("author")).get("role")
    return role if isinstance(role, str) and role else NO_AUTHOR


def _meta_data(name: str, given: Given, before: ImportedMessage | None, content: Content) -> dict[str, Any]:
    author, metadata = as_object(given.get("author")), as_object(given.get("metadata"))
    is_result = author.get("role") == "tool" and before is not None and before.draft.tool_calls
    status = given.get("status")
    rest = {key: value for key, value in given.items() if key not in OF_MESSAGES}
    values = {
        "model": metadata.get("model_slug"),
        "name": author.get("name"),
        "tool_call_id": before.name if before and is_result else None,
        "hidden": True if metadata.get("is_visually_hidden_from_conversation") is True else None,
        "weight": 0 if given.get("weight") == 0 else None,
        "status": status if isinstance(status, str) and status not in FINISHED else None,
        "chatgpt": present(
            {
                "id": name,
                "content_type": as_object(given.get("content")).get("content_type"),
                **rest,
                "create_time": None if moment_of(time := given.get("create_time")) else time,
                "metadata": dict(metadata) or rest.get("metadata") or None,
                "author": _unforeseen_author(given),
                **content.about,
            }
        ),
    }
    return present(values)


def _unforeseen_author(given: Given) -> object:
    """What the author says beyond role and name; all of it where it is of another shape."""
    author = given.get("author")
    if not isinstance(author, Mapping):
        return author
    others = {key: value for key, value in author.items() if key not in ("role", "name")}
    others |= {key: author[key] for key in ("role", "name") if not isinstance(author.get(key), str | None)}
    return others if says_something(others) else None


def _empty(given: Given) -> Kinds:
    kind = kind_name(as_object(given.get("content")).get("content_type"))
    return Kinds({(kind, Outcome.EMPTY): 1})


def _hidden(kinds: Kinds) -> Kinds:
    """The same contents of a message that was hidden; what is data stays counted as data."""
    counted = Kinds()
    for (kind, outcome), count in kinds.items():
        counted[kind, Outcome.HIDDEN if outcome is Outcome.WHOLE else outcome] += count
    return counted
