"""Chat messages as OpenAI's API takes them, in whatever they come wrapped.

A record is an object with a list of messages (`messages`, `traj` or any other name) and further keys,
or such a list alone; or the records are the messages of one conversation. Nothing in them need have
an id: the messages of a conversation identify it, and each message is identified by all messages up to it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import orjson
import pydantic

from messaging.services import ImportedConversation, ImportedMessage
from messaging.transfer.fields import (
    ConversationFields,
    MessageFields,
    Rejected,
    listed_in_order,
    moment_of,
    reason_of,
)
from messaging.transfer.seen import Seen
from messaging.values.ids import derived_id
from messaging.values.json import dumps

IDS = ("conversation_id", "thread_id", "session_id", "id", "custom_id")
TIMES = ("created_at", "create_time", "created", "timestamp")
TAKEN = frozenset({"role", "content", "tool_calls"})
NOT_OF_USERS = {"assistant": "assistant", "system": "system", "developer": "developer"}


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


def conversation_of(value: object, workspace_id: str, seen: Seen) -> ImportedConversation:
    """The conversation of a record. Raises Rejected, and pydantic's ValidationError.

    `seen` are the conversations of this source so far: of two that are the same in every word
    both are kept.
    """
    listed = messages_in(value)
    if listed is None:
        raise Rejected("Holds no list of messages with a role each")
    name, messages = listed
    about = {key: item for key, item in value.items() if key != name} if isinstance(value, dict) else {}
    keys = list(_chain(about, messages))
    ids = [_conversation_id(workspace_id, key, 0) for key in reversed(keys[:-1])]
    imported = listed_in_order(_imported(messages, keys))
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


def _imported(messages: Iterable[Mapping[str, Any]], keys: Iterable[str]) -> Iterator[ImportedMessage]:
    for number, (message, key) in enumerate(zip(messages, keys, strict=True)):
        sent_at = next(filter(None, (moment_of(message.get(name)) for name in TIMES)), None)
        try:
            fields = MessageFields(created_at=sent_at, **_message(message))
        except (Rejected, pydantic.ValidationError) as error:
            reason = reason_of(error) if isinstance(error, pydantic.ValidationError) else str(error)
            raise Rejected(f"Message {number + 1}: {reason}") from None
        yield ImportedMessage(name=key, dedup_key=key, draft=fields.draft())


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    role, name = message["role"], message.get("name")
    text, further = _content(message.get("content"))
    rest = {key: item for key, item in message.items() if key not in TAKEN and item is not None}
    is_result = role in ("tool", "function")
    sender = (name if isinstance(name, str) else role) if is_result else name or NOT_OF_USERS.get(role)
    return {
        "role": "tool" if role == "function" else role,
        "content": text,
        "sender_id": sender if isinstance(sender, str) else None,
        "tool_calls": _calls(message),
        "attachments": further or None,
        "meta_data": rest or None,
    }


def _content(content: object) -> tuple[str, list[Any]]:
    """(the text, what else there is), from a text or a list of typed items."""
    if content is None or isinstance(content, str):
        return content or "", []
    if not isinstance(content, list):
        raise Rejected("content is neither a text nor a list")
    texts: list[str] = []
    further: list[Any] = []
    for item in content:
        text = item if isinstance(item, str) else item.get("text") if isinstance(item, dict) else None
        if isinstance(text, str):
            texts.append(text)
        elif isinstance(item, dict):
            further.append(item)
        else:
            raise Rejected("content holds an item that is neither a text nor an object")
    return "\n".join(texts), further


def _calls(message: Mapping[str, Any]) -> object:
    """The calls, also in the older form of a single one."""
    calls = message.get("tool_calls")
    if not calls and isinstance(message.get("function_call"), dict):
        return [{"type": "function", "function": message["function_call"]}]
    return calls or None
