"""What staff do to many conversations, or workspaces, at once."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from messaging.admin.typed import StrOrPromise
from messaging.services import (
    delete_conversation,
    delete_workspace,
    redact_conversation,
    set_conversation_status,
)
from messaging.values.choices import ConversationStatus

from .bulk import BulkAction, Deletion, singly
from .counts import below_conversations, below_workspaces, with_held

ENDS_RUNS = _("This cannot be undone. Runs that are active in what is deleted end with it.")


def status_action(status: ConversationStatus, verb: StrOrPromise, past: StrOrPromise) -> BulkAction:
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


REDACTION = _(
    "What the conversation and its messages say is replaced by a mark for good, with the people in it. This "
    "cannot be undone."
)
GOES = (
    _("title, summary, end user, owner, meta data and settings of the conversation"),
    _("text, attachments, arguments of calls, parts, meta data, sender and owner of every message"),
    _("stored files, and instructions, tools and meta data of runs"),
    _("what is kept of these for repeated requests, and what the search knows of them"),
)
STAYS = (
    _("ids, the application’s own id among them, so that no repeated import brings the words back"),
    _("status, collections and tags, roles, agents, names of called tools, order and times"),
    _("counts, tokens and status of runs, and the entries of the log, which name ids alone"),
)


STATUS_ACTIONS = (
    status_action(ConversationStatus.ARCHIVED, _("Archive"), pgettext_lazy("action", "Archived")),
    status_action(ConversationStatus.ENDED, pgettext_lazy("action", "End"), pgettext_lazy("action", "Ended")),
    status_action(ConversationStatus.ACTIVE, _("Reactivate"), _("Reactivated")),
)
REDACT_CONVERSATIONS = BulkAction(
    name="redact",
    verb=_("Redact"),
    past=_("Redacted"),
    perform=singly(lambda workspace, pk: redact_conversation(workspace_id=workspace, conversation_id=pk)),
    counts=below_conversations,
    permission="redact",
    warning=REDACTION,
    goes=GOES,
    stays=STAYS,
    is_destructive=True,
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
