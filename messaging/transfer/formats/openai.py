"""Chat messages as OpenAI's API takes them, in whatever they come wrapped.

A record is an object with a list of messages (`messages`, `traj` or any other name) and further keys,
or such a list alone; or the records are the messages of one conversation. Nothing in them need have
an id: the messages of a conversation identify it, and each message is identified by all messages up to it.

It shares no reader with the transcripts. They know the fields of their format and refuse the rest by name, so
that what goes in comes out equal; a file is history that nobody can send again, so whatever role, item or key
it holds is kept as it came, and counted by its kind.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

import orjson
import pydantic
from django.utils.translation import gettext as _

from messaging.services import ImportedConversation, ImportedMessage
from messaging.transfer.contents import Content, as_object, call_part, kind_name, says_something
from messaging.transfer.fields import (
    ConversationFields,
    MessageFields,
    Rejected,
    authored,
    listed_in_order,
    moment_of,
    reason_of,
)
from messaging.transfer.kinds import Outcome
from messaging.transfer.seen import Seen
from messaging.transfer.tally import Tally
from messaging.values.ids import derived_id
from messaging.values.json import dumps

from .claude.blocks import BLOCKS, read_block

IDS = ("conversation_id", "thread_id", "session_id", "id", "custom_id")
TIMES = ("created_at", "create_time", "created", "timestamp")
TEXTS = ("text", "input_text", "output_text")
FILES = (
    "image_url",
    "input_image",
    "input_audio",
    "input_file",
    "file",
    "image",
    "audio",
    "document",
    "video_url",
)
TAKEN = frozenset({"role", "content", "tool_calls"})


def is_message(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether this is a message."""
    return isinstance(value, dict) and isinstance(value.get("role"), str) and "mapping" not in value


def is_chat(value: object) -> bool:
    """Whether this is a conversation: a list of messages, or an object that holds one."""
    return messages_in(value) is not None


def messages_in(value: object) -> tuple[str | None, Sequence[Mapping[str, Any]]] | None:
    """(name of the list in the object, its messages); None where there are no messages."""
    if isinstance(value, list):
        return (None, value) if value and all(map(is_message, value)) else None
    if isinstance(value, dict) and not is_message(value):
        names = ["messages", *(name for name in value if name != "messages")]
        for name in names:
            messages = value.get(name)
            if isinstance(messages, list) and messages and all(map(is_message, messages)):
                return name, messages
    return None


def conversation_of(value: object, workspace_id: str, seen: Seen, tally: Tally) -> ImportedConversation:
    """The conversation of a record. Raises Rejected, and pydantic's ValidationError.

    `seen` are the conversations of this source so far: of two that are the same in every word
    both are kept.
    """
    listed = messages_in(value)
    if listed is None:
        raise Rejected(_("Holds no list of messages with a role each"))
    name, messages = listed
    about = {key: item for key, item in value.items() if key != name} if isinstance(value, dict) else {}
    keys = list(_chain(about, messages))
    ids = [_conversation_id(workspace_id, key, 0) for key in reversed(keys[:-1])]
    imported = listed_in_order(_imported(messages, keys, tally))
    return ImportedConversation(
        candidates=[_conversation_id(workspace_id, keys[-1], seen.add(f"openai/{keys[-1]}"))],
        grown_from=ids,
        fields=_fields(about, imported),
        messages=imported,
        keys=frozenset(keys),
        updated_at=imported[-1].draft.created_at,
    )


def _chain(about: Mapping[str, Any], messages: Iterable[Any]) -> Iterator[str]:
    """A key for each message, which depends on all before it and on the id of the conversation."""
    digest = hashlib.sha256(dumps([about.get(name) for name in IDS]))
    for message in messages:
        digest.update(b"\n" + dumps(message, orjson.OPT_SORT_KEYS))
        yield digest.hexdigest()


def _conversation_id(workspace_id: str, key: str, times: int) -> str:
    return derived_id("conv", workspace_id, f"openai/{key}/{times}")


def _fields(about: Mapping[str, Any], messages: Sequence[ImportedMessage]) -> dict[str, Any]:
    title, user = about.get("title"), about.get("user_id", about.get("user"))
    created_at = next(filter(None, (moment_of(about.get(name)) for name in TIMES)), None)
    return ConversationFields(
        title=title[:255] if isinstance(title, str) else None,
        user_id=user if isinstance(user, str) else None,
        created_at=created_at or messages[0].draft.created_at,
        meta_data=dict(about),
    ).columns()


def _imported(
    messages: Iterable[Mapping[str, Any]], keys: Iterable[str], tally: Tally
) -> Iterator[ImportedMessage]:
    for number, (message, key) in enumerate(zip(messages, keys, strict=True)):
        sent_at = next(filter(None, (moment_of(message.get(name)) for name in TIMES)), None)
        try:
            content = _content(message, key)
            fields = MessageFields(created_at=sent_at, **_message(message, content))
        except (Rejected, pydantic.ValidationError) as error:
            reason = reason_of(error) if isinstance(error, pydantic.ValidationError) else str(error)
            told = {"number": number + 1, "reason": reason}
            raise Rejected(_("Message %(number)s: %(reason)s") % told) from None
        tally.kinds += content.kinds
        draft = replace(fields.draft(), parts=content.rows())
        objects = list(content.objects.values())
        yield ImportedMessage(name=key, dedup_key=key, draft=draft, objects=objects)


def _message(message: Mapping[str, Any], content: Content) -> dict[str, Any]:
    role = message["role"]
    rest = {key: item for key, item in message.items() if key not in TAKEN and item is not None}
    columns = content.columns()
    return {
        **columns,
        **authored(role, message.get("name")),
        "role": "tool" if role == "function" else role,
        "tool_calls": _calls(message) or columns["tool_calls"],
        "meta_data": rest or None,
    }


def _content(message: Mapping[str, Any], key: str) -> Content:
    """What a message says: a text, or a list of typed items; and the calls where its parts need rows."""
    given, content = message.get("content"), Content()
    if given is not None and not isinstance(given, str | list):
        raise Rejected(_("content is neither a text nor a list"))
    if isinstance(given, str):
        content.text(given)
        content.count("text")
    for item in given if isinstance(given, list) else ():
        _item(content, item, message["role"], key)
    calls = _calls(message)
    if isinstance(calls, list):
        content.kinds["tool call", Outcome.WHOLE] += len(calls)
        if content.rows():
            content.parts += map(call_part, calls)
    return content


def _item(content: Content, item: object, role: str, key: str) -> None:
    given = as_object(item)
    text, kind = given.get("text"), kind_name(given.get("type", "text"))
    if isinstance(item, str):
        content.text(item)
        content.count("text")
    elif isinstance(text, str) and (kind in TEXTS or kind not in BLOCKS):
        _text(content, given, text, kind)
    elif not isinstance(item, Mapping):
        raise Rejected(_("content holds an item that is neither a text nor an object"))
    elif kind in BLOCKS and role not in ("tool", "function"):
        read_block(content, item, key)
    elif kind in FILES or role in ("tool", "function"):
        content.file(dict(item))
        content.count(kind, Outcome.WHOLE if kind in FILES else Outcome.DATA)
    else:
        content.data(kind, item)
        content.count(kind, Outcome.DATA)


def _text(content: Content, item: Mapping[str, Any], text: str, kind: str) -> None:
    """Words with what is known of them; those of a kind that nobody foresaw come with it as data."""
    rest = {name: value for name, value in item.items() if name not in ("type", "text")}
    is_known = kind in TEXTS
    content.text(text, **{name: value for name, value in rest.items() if is_known and says_something(value)})
    if not is_known and says_something(rest):
        content.data(kind, dict(item))
    content.count(kind, Outcome.DATA if not is_known and says_something(rest) else Outcome.WHOLE)


def _calls(message: Mapping[str, Any]) -> object:
    """The calls, also in the older form of a single one."""
    calls = message.get("tool_calls")
    if not calls and isinstance(message.get("function_call"), dict):
        return [{"type": "function", "function": message["function_call"]}]
    return calls or None
