"""What staff do to many conversations, or workspaces, at once."""

from django import forms

from messaging.services import (
    delete_conversation,
    delete_workspace,
    redact_conversation,
    set_conversation_status,
)
from messaging.values.choices import ConversationStatus

from .bulk import BulkAction, Deletion, singly
from .counts import below_conversations, below_workspaces, with_held
from .messages import WARNING

ENDS_RUNS = "This cannot be undone. Runs that are active in what is deleted end with it."


def status_action(status: ConversationStatus, verb: str, past: str) -> BulkAction:
    """Archive, end or reactivate."""
    return BulkAction(
        name=f"set_{status}",
        verb=verb,
        past=past,
        perform=lambda workspace, ids: set_conversation_status(
            workspace_id=workspace, conversation_ids=ids, status=status
        ),
        counts=with_held,
        logged=[{"changed": {"fields": ["Status"]}}],
    )


class WithTitle(forms.Form):
    """The extent of a redaction."""

    with_title = forms.BooleanField(required=False, label="Title and summary, too")


STATUS_ACTIONS = (
    status_action(ConversationStatus.ARCHIVED, "Archive", "Archived"),
    status_action(ConversationStatus.ENDED, "End", "Ended"),
    status_action(ConversationStatus.ACTIVE, "Reactivate", "Reactivated"),
)
REDACT_CONVERSATIONS = BulkAction(
    name="redact",
    verb="Redact",
    past="Redacted",
    perform=singly(
        lambda workspace, pk, with_title: redact_conversation(
            workspace_id=workspace, conversation_id=pk, with_title=with_title
        )
    ),
    counts=below_conversations,
    permission="redact",
    warning=WARNING,
    is_destructive=True,
    form=WithTitle,
    batch_size=1,
    is_atomic=False,  # a large conversation is redacted in several transactions
)
DELETE_CONVERSATIONS = Deletion(
    perform=singly(lambda workspace, pk: delete_conversation(workspace_id=workspace, conversation_id=pk)),
    counts=below_conversations,
    warning=ENDS_RUNS,
    batch_size=1,
)
DELETE_WORKSPACES = Deletion(
    perform=singly(lambda _, pk: delete_workspace(workspace_id=pk, force=True)),
    counts=below_workspaces,
    warning=ENDS_RUNS,
    batch_size=1,
)
