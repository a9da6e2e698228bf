"""Makers for the tests of a project that has Parley installed: rows as the services write them, in one line.

from messaging.testing import make_conversation, make_key, make_message, make_workspace
"""

from typing import Any

from messaging.models import ApiKey, Conversation, Message, Workspace
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    create_api_key,
    create_conversation,
    create_workspace,
)
from messaging.values.choices import Permission

__all__ = ["EVERYTHING", "make_conversation", "make_key", "make_message", "make_workspace"]

EVERYTHING = tuple(Permission.values)
TURNS = ("user", "assistant")


def make_workspace(name: str = "test", **given: Any) -> Workspace:
    """A workspace; `given` as `create_workspace` takes it. Raises InvalidValue for a slug that is taken."""
    return create_workspace(name=name, **given)


def make_key(workspace: Workspace, *, label: str = "test", **given: Any) -> tuple[ApiKey, str]:
    """(key, its secret): with every permission, unless `permissions` names some."""
    given.setdefault("permissions", EVERYTHING)
    return create_api_key(workspace_id=workspace.pk, label=label, **given)


def make_conversation(
    workspace: Workspace, *turns: str | MessageDraft, writer: Writer | None = None, **given: Any
) -> tuple[Conversation, list[Message]]:
    """(conversation, its messages): texts are said by user and assistant in turn.

    `given` as `create_conversation` takes it: title, user_id, meta_data and so on.
    """
    drafts = [
        turn if isinstance(turn, MessageDraft) else MessageDraft(content=turn, role=TURNS[number % 2])
        for number, turn in enumerate(turns)
    ]
    return create_conversation(workspace_id=workspace.pk, writer=writer or Writer(), drafts=drafts, **given)


def make_message(
    conversation: Conversation, content: str = "Hello!", *, writer: Writer | None = None, **given: Any
) -> Message:
    """One more message; `given` as MessageDraft takes it. Raises ConversationLocked while a run is active."""
    [message] = append_messages(
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.pk,
        drafts=[MessageDraft(content=content, **given)],
        writer=writer or Writer(),
    )
    return message
