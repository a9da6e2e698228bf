"""What staff do to many messages at once."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms

from messaging.admin.forms.fields import TagsInput
from messaging.admin.log import ChangeMessage
from messaging.models import MessageQuerySet
from messaging.services import (
    BulkOutcome,
    delete_messages,
    redact_messages,
    tag_messages,
)

from .bulk import BulkAction, DeleteAction
from .deletion import below_messages

__all__ = ["WARNING", "DeleteMessages", "RedactMessages", "TagMessages", "UntagMessages"]

WARNING = (
    "The whole content, with attachments, arguments of calls, parts and stored files, is replaced by a mark "
    "for good. This cannot be undone."
)


class TagsForm(forms.Form):
    """Which tags."""

    tags = TagsInput()

    def clean_tags(self) -> list[str]:
        tags: list[str] | None = self.cleaned_data["tags"]
        if not tags:
            raise forms.ValidationError("Give at least one tag.")
        return tags


class TagMessages(BulkAction[MessageQuerySet]):
    name = "tag"
    description = "Tag selected %(verbose_name_plural)s"
    past = "Tagged"
    form = TagsForm

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return tag_messages(workspace_id=workspace_id, message_ids=ids, add=given["tags"])

    def change_message(self, given: Mapping[str, Any]) -> ChangeMessage:
        return [{"changed": {"fields": ["Tags"]}}]


class UntagMessages(TagMessages):
    name = "untag"
    description = "Untag selected %(verbose_name_plural)s"
    past = "Untagged"

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return tag_messages(workspace_id=workspace_id, message_ids=ids, remove=given["tags"])


class RedactMessages(BulkAction[MessageQuerySet]):
    name = "redact"
    description = "Redact selected %(verbose_name_plural)s"
    permission = "redact"
    past = "Redacted"
    warning = f"{WARNING} Other messages may repeat it."
    is_destructive = True

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return redact_messages(workspace_id=workspace_id, message_ids=ids)

    def counts(self, queryset: MessageQuerySet) -> Mapping[str, int]:
        return below_messages(queryset)


class DeleteMessages(DeleteAction[MessageQuerySet]):
    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        return delete_messages(workspace_id=workspace_id, message_ids=ids)

    def counts(self, queryset: MessageQuerySet) -> Mapping[str, int]:
        return below_messages(queryset)
