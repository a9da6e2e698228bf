"""A repeat with an author's own id of a message stores nothing again."""

import json
from collections.abc import Callable

from messaging.exceptions import ClientIdReused, IdempotencyKeyReused, MessageNotFound
from messaging.models import Message

from .drafts import MessageDraft
from .idempotency import Answer, answer_once, fingerprint_of


def once(
    *,
    workspace_id: str,
    conversation_id: str,
    client_id: str | None,
    draft: MessageDraft,
    append: Callable[[], Message],
) -> Message:
    """Append, or find what was appended under this client id before.

    Only the id of the message is remembered: its content may be large, and may be corrected meanwhile.
    Raises ClientIdReused for another message with that id, MessageNotFound where the first was deleted.
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


def _stored(workspace_id: str, conversation_id: str, message_id: str) -> Message:
    messages = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    row = messages.filter(pk=message_id).first()
    if row is None:
        raise MessageNotFound
    return row


def _fingerprint(draft: MessageDraft) -> str:
    sent = [draft.role, draft.content, draft.structured_content, draft.meta_data, list(draft.parts)]
    return fingerprint_of(json.dumps(sent, sort_keys=True).encode())
