"""Who is always there: two workspaces that must never see each other, each with something to find."""

from dataclasses import dataclass

from messaging.models import ApiKey, Conversation, Message, Workspace
from messaging.services import (
    MessageDraft,
    Writer,
    create_api_key,
    create_conversation,
    create_workspace,
)

EVERYTHING = ("read", "write", "agent", "admin")


@dataclass(frozen=True)
class Tenant:
    """A workspace, a key that may do everything in it, and a conversation of two messages."""

    workspace: Workspace
    api_key: ApiKey
    secret: str
    conversation: Conversation
    messages: tuple[Message, Message]

    @property
    def question(self) -> Message:
        return self.messages[0]

    @property
    def reply(self) -> Message:
        return self.messages[1]


def make_tenant(name: str) -> Tenant:
    workspace = create_workspace(name=name)
    api_key, secret = create_api_key(
        workspace_id=workspace.pk, label=f"{name} key", permissions=EVERYTHING, owner_id=f"{name}-owner"
    )
    conversation, [question, reply] = create_conversation(
        workspace_id=workspace.pk,
        writer=Writer(owner_id=f"{name}-owner"),
        title=f"{name} opening hours",
        user_id=f"{name}-customer",
        drafts=[
            MessageDraft(content=f"{name}: are you open on Sunday?"),
            MessageDraft(content=f"{name}: yes, from ten to four.", role="assistant"),
        ],
    )
    return Tenant(workspace, api_key, secret, conversation, (question, reply))
