"""What staff do to many conversations, or workspaces, at once."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from messaging.admin.log import ChangeMessage
from messaging.exceptions import NotFound, ParleyError
from messaging.models import ConversationQuerySet, Workspace
from messaging.services import (
    BulkOutcome,
    delete_conversation,
    delete_workspace,
    redact_conversation,
    set_conversation_status,
)
from messaging.values.choices import ConversationStatus

from .bulk import BulkAction, DeleteAction
from .deletion import below_conversations, below_workspaces, held
from .messages import WARNING

__all__ = ["DeleteConversations", "DeleteWorkspaces", "RedactConversations", "StatusAction", "WithTitle"]


class StatusAction(BulkAction[ConversationQuerySet]):
    """Archive, end or reactivate."""

    def __init__(self, status: ConversationStatus, verb: str, past: str) -> None:
        self.status, self.past = status, past
        self.name = f"set_{status}"
        self.description = f"{verb} selected %(verbose_name_plural)s"
        super().__init__()

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return set_conversation_status(workspace_id=workspace_id, conversation_ids=ids, status=self.status)

    def change_message(self, given: Mapping[str, Any]) -> ChangeMessage:
        return [{"changed": {"fields": ["Status"]}}]

    def counts(self, queryset: ConversationQuerySet) -> Mapping[str, int]:
        return {**super().counts(queryset), **held(queryset)}


class WithTitle(forms.Form):
    """The extent of a redaction."""

    with_title = forms.BooleanField(required=False, label="Title and summary, too")


class RedactConversations(BulkAction[ConversationQuerySet]):
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

    def counts(self, queryset: ConversationQuerySet) -> Mapping[str, int]:
        return below_conversations(queryset)


ENDS_RUNS = "This cannot be undone. Runs that are active in what is deleted end with it."


class DeleteConversations(DeleteAction[ConversationQuerySet]):
    warning = ENDS_RUNS
    batch_size = 1

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return _one(ids, lambda pk: delete_conversation(workspace_id=workspace_id, conversation_id=pk))

    def counts(self, queryset: ConversationQuerySet) -> Mapping[str, int]:
        return below_conversations(queryset)


class DeleteWorkspaces(DeleteAction[QuerySet[Workspace]]):
    warning = ENDS_RUNS
    batch_size = 1

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return _one(ids, lambda pk: delete_workspace(workspace_id=pk, force=True))

    def counts(self, queryset: QuerySet[Workspace]) -> Mapping[str, int]:
        return below_workspaces(queryset)


def _one(ids: Collection[str], act: Callable[[str], None]) -> BulkOutcome:
    """The outcome of a batch of one row, which may own many; a row that is gone counts as unchanged."""
    [pk] = ids
    try:
        act(pk)
    except NotFound:
        return BulkOutcome()
    except ParleyError as error:
        return BulkOutcome(refused={pk: error})
    return BulkOutcome(changed=[pk])
