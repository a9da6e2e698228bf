"""What staff do to many messages at once."""

from django import forms

from messaging.admin.forms.fields import TagsInput
from messaging.services import delete_messages, redact_messages, tag_messages

from .bulk import BulkAction, Deletion
from .counts import below_messages

WARNING = (
    "The whole content, with attachments, arguments of calls, parts and stored files, is replaced by a mark "
    "for good. This cannot be undone."
)
TAGS_CHANGED = [{"changed": {"fields": ["Tags"]}}]


class TagsForm(forms.Form):
    """Which tags."""

    tags = TagsInput()

    def clean_tags(self) -> list[str]:
        tags: list[str] | None = self.cleaned_data["tags"]
        if not tags:
            raise forms.ValidationError("Give at least one tag.")
        return tags


TAG_MESSAGES = BulkAction(
    name="tag",
    verb="Tag",
    past="Tagged",
    perform=lambda workspace, ids, tags: tag_messages(workspace_id=workspace, message_ids=ids, add=tags),
    form=TagsForm,
    logged=TAGS_CHANGED,
)
UNTAG_MESSAGES = BulkAction(
    name="untag",
    verb="Untag",
    past="Untagged",
    perform=lambda workspace, ids, tags: tag_messages(workspace_id=workspace, message_ids=ids, remove=tags),
    form=TagsForm,
    logged=TAGS_CHANGED,
)
REDACT_MESSAGES = BulkAction(
    name="redact",
    verb="Redact",
    past="Redacted",
    perform=lambda workspace, ids: redact_messages(workspace_id=workspace, message_ids=ids),
    counts=below_messages,
    permission="redact",
    warning=f"{WARNING} Other messages may repeat it.",
    is_destructive=True,
)
DELETE_MESSAGES = Deletion(
    perform=lambda workspace, ids: delete_messages(workspace_id=workspace, message_ids=ids),
    counts=below_messages,
)
