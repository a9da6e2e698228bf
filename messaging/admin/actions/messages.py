"""What staff do to many messages at once."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from messaging.admin.forms.fields import TagsInput
from messaging.services import delete_message, delete_messages, redact_messages, tag_messages

from .bulk import BulkAction, Deletion, together_or_singly
from .counts import below_messages

WARNING = _(
    "The whole content, with attachments, arguments of calls, parts and stored files, is replaced by a mark "
    "for good. This cannot be undone."
)
GOES = (
    _("text, attachments, arguments of calls, parts and meta data"),
    _("stored files"),
    _("what is kept of these for repeated requests, and what the search knows of them"),
)
STAYS = (
    _("id, order and times, role, sender and agent, tags, and names of called tools"),
    _("title, summary, end user and meta data of the conversation, until that is redacted"),
    _("other messages, which may repeat the words"),
)
TAGS_CHANGED = [{"changed": {"fields": ["Tags"]}}]


class TagsForm(forms.Form):
    """Which tags."""

    tags = TagsInput()

    def clean_tags(self) -> list[str]:
        tags: list[str] | None = self.cleaned_data["tags"]
        if not tags:
            raise forms.ValidationError(gettext("Give at least one tag."))
        return tags


TAG_MESSAGES = BulkAction(
    name="tag",
    verb=pgettext_lazy("action", "Tag"),
    past=_("Tagged"),
    perform=lambda workspace, ids, tags: tag_messages(workspace_id=workspace, message_ids=ids, add=tags),
    form=TagsForm,
    logged=TAGS_CHANGED,
)
UNTAG_MESSAGES = BulkAction(
    name="untag",
    verb=_("Untag"),
    past=_("Untagged"),
    perform=lambda workspace, ids, tags: tag_messages(workspace_id=workspace, message_ids=ids, remove=tags),
    form=TagsForm,
    logged=TAGS_CHANGED,
)
REDACT_MESSAGES = BulkAction(
    name="redact",
    verb=_("Redact"),
    past=_("Redacted"),
    perform=lambda workspace, ids: redact_messages(workspace_id=workspace, message_ids=ids),
    counts=below_messages,
    permission="redact",
    warning=format_lazy("{} {}", WARNING, _("Other messages may repeat it.")),
    goes=GOES,
    stays=STAYS,
    is_destructive=True,
)
DELETE_MESSAGES = Deletion(
    perform=together_or_singly(
        lambda workspace, ids: delete_messages(workspace_id=workspace, message_ids=ids),
        lambda workspace, pk: delete_message(workspace_id=workspace, message_id=pk),
    ),
    counts=below_messages,
)
