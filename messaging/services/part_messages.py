"""Writing the messages of a thread."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from messaging.exceptions import (
    ClientIdReused,
    IdempotencyKeyReused,
    MessageNotFound,
)
from messaging.models import Message

from . import (
    Answer,
    Writer,
    answer_once,
    append_messages,
    fingerprint_of,
)
from . import delete_message as delete_stored_message
from . import update_message as update_stored_message
from .part_drafts import PreparedMessage, ThreadMessageDraft, prepare
from .transactions import atomic

__all__ = ["append_message", "append_prepared", "delete_message", "once", "update_message"]


def append_message(
    *,
    workspace_id: str,
    conversation_id: str,
    draft: ThreadMessageDraft,
    writer: Writer,
    client_id: str | None = None,
) -> Message:
    """Store a message at the end of a thread, its large values as files first.

    `client_id` is the author's own id of the message: a repeat with it is answered by the message that the
    first made. Raises ConversationNotFound, ConversationLocked, ClientIdReused for another message with
    that id.
    """
    prepared = prepare(draft, workspace_id)

    def append() -> Message:
        return append_prepared(workspace_id, conversation_id, prepared, writer)

    with prepared.objects.written():
        return once(workspace_id, conversation_id, client_id, draft, append)


def append_prepared(
    workspace_id: str,
    conversation_id: str,
    prepared: PreparedMessage,
    writer: Writer,
    agent_id: str | None = None,
) -> Message:
    """The message and all below it, in one transaction."""
    draft = replace(prepared.draft, run_id=writer.run_id, agent_id=agent_id)
    with atomic():
        [row] = append_messages(
            workspace_id=workspace_id, conversation_id=conversation_id, drafts=[draft], writer=writer
        )
        prepared.store_below(row)
    return row


def once(
    workspace_id: str,
    conversation_id: str,
    client_id: str | None,
    draft: ThreadMessageDraft,
    append: Callable[[], Message],
) -> Message:
    """Append, or find what was appended under this client id before.

    Only the id of the message is remembered: its content may be large, and may be corrected meanwhile.
    """
    if client_id is None:
        return append()
    fresh: list[Message] = []

    def perform() -> Answer:
        fresh.append(append())
        return Answer(200, fresh[0].pk.encode())

    try:
        answer, replayed = answer_once(
            workspace_id=workspace_id,
            key=fingerprint_of(b"thread message", conversation_id.encode(), client_id.encode()),
            fingerprint=_fingerprint(draft),
            perform=perform,
        )
    except IdempotencyKeyReused:
        raise ClientIdReused from None
    return _stored(workspace_id, conversation_id, answer.body.decode()) if replayed else fresh[0]


def update_message(
    *,
    workspace_id: str,
    conversation_id: str,
    message_id: str,
    content: str | None = None,
    meta_data: Mapping[str, Any] | None = None,
) -> Message:
    """Replace the content by a text, merge keys into the meta data, both, or (None, empty) neither.

    Returns the row as it is now. Raises MessageNotFound, ConversationLocked.
    """
    if content is None and not meta_data:
        return _stored(workspace_id, conversation_id, message_id)

    def changes(row: Message) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if content is not None:
            values["content"] = content
        if meta_data:
            values["meta_data"] = {**(row.meta_data or {}), **meta_data}
        return values

    return update_stored_message(
        workspace_id=workspace_id, conversation_id=conversation_id, message_id=message_id, changes=changes
    )


def delete_message(*, workspace_id: str, conversation_id: str, message_id: str) -> None:
    """Delete a message with its parts and objects. Raises MessageNotFound, ConversationLocked."""
    delete_stored_message(workspace_id=workspace_id, conversation_id=conversation_id, message_id=message_id)


def _stored(workspace_id: str, conversation_id: str, message_id: str) -> Message:
    messages = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    row = messages.filter(pk=message_id).first()
    if row is None:
        raise MessageNotFound
    return row


def _fingerprint(draft: ThreadMessageDraft) -> str:
    sent = [draft.role, draft.content, draft.meta_data, list(draft.parts)]
    return fingerprint_of(json.dumps(sent, sort_keys=True).encode())
