"""What staff do to many conversations, or workspaces, at once."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django import forms
from django.contrib.admin.models import DELETION

from messaging.exceptions import NotFound, ParleyError
from messaging.services import (
    BulkOutcome,
    delete_conversation,
    delete_workspace,
    redact_conversation,
    set_conversation_status,
)
from messaging.values.choices import ConversationStatus

from .bulk import BulkAction
from .deletion import below_conversations, below_workspaces, held
from .messages import WARNING

__all__ = ["DeleteConversations", "DeleteWorkspaces", "RedactConversations", "StatusAction", "WithTitle"]


class StatusAction(BulkAction):
    """Archive, end or reactivate."""

    def __init__(self, status: ConversationStatus, verb: str, past: str) -> None:
        self.status, self.past = status, past
        self.name = f"set_{status}"
        self.description = f"{verb} selected %(verbose_name_plural)s"
        super().__init__()

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return set_conversation_status(workspace_id=workspace_id, conversation_ids=ids, status=self.status)

    def change_message(self, given: Mapping[str, Any]) -> Any:
        return [{"changed": {"fields": ["Status"]}}]

    def counts(self, queryset: Any) -> Mapping[str, int]:
        return {**super().counts(queryset), **held(queryset)}


class WithTitle(forms.Form):
    """How much of a conversation is redacted."""

    with_title = forms.BooleanField(required=False, label="Title and summary, too")


class RedactConversations(BulkAction):
    name = "redact"
    description = "Redact selected %(verbose_name_plural)s"
    permission = "redact"
    past = "Redacted"
    warning = WARNING
    is_destructive = True
    batch_size = 1
    is_atomic = False  # a large conversation is redacted in several
    form = WithTitle

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        def redact(pk: str) -> None:
            redact_conversation(workspace_id=workspace_id, conversation_id=pk, with_title=given["with_title"])

        return _one(ids, redact)

    def counts(self, queryset: Any) -> Mapping[str, int]:
        return below_conversations(queryset)


class DeleteConversations(BulkAction):
    name = "delete_selected"
    description = "Delete selected %(verbose_name_plural)s"
    permission = "delete"
    past = "Deleted"
    warning = "This cannot be undone. Runs that are active in what is deleted end with it."
    is_destructive = True
    batch_size = 1
    action_flag = DELETION

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return _one(ids, lambda pk: delete_conversation(workspace_id=workspace_id, conversation_id=pk))

    def change_message(self, given: Mapping[str, Any]) -> Any:
        return ""

    def counts(self, queryset: Any) -> Mapping[str, int]:
        return below_conversations(queryset)


class DeleteWorkspaces(DeleteConversations):
    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return _one(ids, lambda pk: delete_workspace(workspace_id=pk, force=True))

    def counts(self, queryset: Any) -> Mapping[str, int]:
        return below_workspaces(queryset)


def _one(ids: Collection[str], act: Callable[[str], None]) -> BulkOutcome:
    """The outcome for a batch of one, which may be large; one that is gone meanwhile counts as nothing."""
    [pk] = ids
    try:
        act(pk)
    except NotFound:
        return BulkOutcome()
    except ParleyError as error:
        return BulkOutcome(refused={pk: error})
    return BulkOutcome(changed=[pk])
