from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.content import INSTRUCTING
from messaging.index.filters import Contains, ContainsShown
from messaging.index.querysets import TenantQuerySet
from messaging.index.terms import IndexTermsField
from messaging.sql.conditions import OneOfThese
from messaging.sql.derived import DerivingModel
from messaging.sql.fields import (
    CodePointField,
    ExactJSONField,
    FoldedTextField,
    IdField,
    ObjectField,
    TagsField,
)
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel

from .conversation import Conversation
from .following import FailedToolField, OtherTextField, TokenCounterField, TokenCountField
from .workspace import of_workspace


class MessageQuerySet(TenantQuerySet["Message"]):
    """Narrowed by `narrow` as a listing is. Name the workspace first: index keys are within it."""

    def in_conversation(self, conversation_id: str) -> Self:
        rows = self.filter(conversation_id=conversation_id)
        rows.scope = self.scope._replace(conversation=conversation_id)
        return rows

    def search(self, text: str) -> Self:
        """Content contains the text, case ignored, with the same answer on both databases."""
        return self.narrow(Contains("search_text", text))

    def search_shown(self, text: str) -> Self:
        """Content, arguments, results, attachments, meta data or parts contain the text: what staff see."""
        return self.narrow(ContainsShown("search_text", text, "search_other"))

    def current(self) -> Self:
        """Those of the current branches: no other message took their place."""
        return self.filter(superseded_by=None)

    def pinned(self) -> Self:
        """Those that instruct the model, by the index of theirs."""
        return self.filter(OneOfThese("role", INSTRUCTING))

    def failed_within(self, since: datetime, until: datetime) -> Self:
        """Those without parts that tell of a tool that failed, from `since` until before `until`."""
        return self.filter(failed_tool__isnull=False, created_at__gte=since, created_at__lt=until)


class Message(DerivingModel, TenantModel):
    """One utterance, tool call or tool result. What one wire wrote, every wire reads."""

    id = IdField(verbose_name=_("id"), prefix="msg")
    workspace = of_workspace()
    conversation = TenantForeignKey(Conversation, verbose_name=_("conversation"), related_name="messages")
    seq = models.BigIntegerField(_("seq"))
    """Place in the conversation, from 1, handed out under the conversation's lock: the order of arrival."""
    role = CodePointField(_("role"), max_length=64, default="user")
    content = models.TextField(_("content"), blank=True)
    """Plain text: what search reads and every wire shows."""
    search_text = FoldedTextField(verbose_name=_("search text"), source="content")
    structured_content = ExactJSONField(_("structured content"), null=True, blank=True)
    """The content as it was sent where that was a list of items; null for plain text."""
    search_other = OtherTextField(
        verbose_name=_("search other"),
        source=["structured_content", "tool_calls", "attachments", "meta_data", "derived_meta_data"],
        besides="content",
        parts="parts",
    )
    content_dialect = CodePointField(
        _("content dialect"), max_length=32, null=True, blank=True, editable=False
    )
    """The dialect whose items these are: it shows them as they were sent, every other one shows the parts."""
    has_parts = models.BooleanField(_("has parts"), default=False, editable=False)
    """Its parts are rows; those of other messages are derived on read."""
    sender_id = CodePointField(_("sender id"), max_length=255)
    message_type = CodePointField(_("message type"), max_length=64, default="text")
    tool_calls = ExactJSONField(_("tool calls"), null=True, blank=True)
    tags = TagsField(_("tags"), null=True, blank=True)
    attachments = ExactJSONField(_("attachments"), null=True, blank=True)
    parent_message_id = CodePointField(_("parent message id"), max_length=255, null=True, blank=True)
    meta_data = ObjectField(_("meta data"), null=True, blank=True)
    derived_meta_data = ObjectField(_("derived meta data"), null=True, blank=True, editable=False)
    """What wires without parts show in the meta data: which calls the results among the parts answer."""
    index_terms = IndexTermsField(
        verbose_name=_("index terms"),
        scopes=["workspace_id", "conversation_id"],
        lists=["tags"],
        objects=["meta_data"],
        merged={"derived_meta_data": "meta_data"},
        values=["role", "sender_id", "message_type"],
        usual={"message_type": "text"},
    )
    checksum = models.CharField(_("checksum"), max_length=64, editable=False)
    """SHA-256, hexadecimal; see `messaging.services.messages.checksum_of`."""
    dedup_key = models.CharField(_("dedup key"), max_length=64, null=True, editable=False)  # noqa: DJ001
    """Checksum at import, kept when the message is corrected, so that a re-import still finds it.
    Null for live messages: two honest "ok" are two messages."""
    enable_memories = models.BooleanField(_("enable memories"), default=False)
    """The writer asked for memories to be drawn from this message."""
    sent_at = models.DateTimeField(_("sent at"))
    owner_id = CodePointField(_("owner id"), max_length=255, null=True, blank=True)
    agent_id = CodePointField(_("agent id"), max_length=255, null=True, blank=True)
    run_id = CodePointField(_("run id"), max_length=40, null=True, blank=True)
    """Id of the run that wrote the message. No reference: an import may bring a message without its run, and
    a host's runtime may number its runs itself. Every look-up names the conversation as well."""
    item_id = CodePointField(_("item id"), max_length=255, null=True, editable=False)
    """Id of the item in the dialect that wrote it, unique in its conversation; null where that is our own."""
    token_count = TokenCountField(verbose_name=_("token count"))
    """Tokens of what a model may be sent of it, without the frame that a vendor puts around each message."""
    token_counter = TokenCounterField(verbose_name=_("token counter"))
    """Who counted them: the setting `TOKEN_COUNTER` of that time, or `writer`."""
    failed_tool = FailedToolField(verbose_name=_("failed tool"))
    superseded_by = CodePointField(_("superseded by"), max_length=40, null=True, editable=False)
    """Id of the message that took its place, or that of one in front of it; null on the current branch. No
    reference: what was superseded stays so when that message is deleted."""
    redacted_at = models.DateTimeField(_("redacted at"), null=True, blank=True, editable=False)
    """When what it said was taken out for good; null where it was not. The wires show it in `meta_data`."""
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        permissions = [
            ("redact_message", "Can redact messages"),
            ("export_message", "Can export conversations and messages"),
        ]
        constraints = [
            # The conversation leads: this index also serves the foreign key when a conversation goes.
            models.UniqueConstraint(fields=["conversation", "workspace", "seq"], name="parley_message_seq"),
            models.UniqueConstraint(
                fields=["workspace", "conversation", "dedup_key"],
                condition=Q(dedup_key__isnull=False),
                name="parley_message_dedup_key",
            ),
            models.UniqueConstraint(
                fields=["workspace", "conversation", "item_id"],
                condition=Q(item_id__isnull=False),
                name="parley_message_item",
            ),
            models.UniqueConstraint(fields=["id", "workspace"], name="parley_message_tenant"),
            TenantReference("conversation", to="parley_conversation", name="parley_message_conversation_fk"),
        ]
        # Two orders of time, and what few messages have. Anything else is an index key of the row.
        indexes = [
            # Role, count and branch let a budget of tokens be spent without reading a row.
            models.Index(
                fields=[
                    *("workspace", "conversation", "created_at", "seq", "role", "token_count"),
                    "superseded_by",
                ],
                name="parley_message_in_conversation",
            ),
            # Role and sender let the dashboard count from this one without reading a row, the branch lists.
            models.Index(
                fields=[
                    *("workspace", "created_at", "conversation", "seq", "role", "sender_id"),
                    "superseded_by",
                ],
                name="parley_message_in_workspace",
            ),
            models.Index(
                fields=["workspace", "conversation", "created_at", "seq", "token_count"],
                name="parley_message_pinned",
                condition=Q(role__in=INSTRUCTING),
            ),
            models.Index(
                fields=["workspace", "parent_message_id", "created_at", "conversation", "seq"],
                name="parley_message_parent",
                condition=Q(parent_message_id__isnull=False),
            ),
            models.Index(
                fields=["workspace", "conversation", "run_id", "created_at", "seq"],
                name="parley_message_run",
                condition=Q(run_id__isnull=False),
            ),
            models.Index(
                fields=["workspace", "conversation", "agent_id", "created_at", "seq"],
                name="parley_message_agent_within",
                condition=Q(agent_id__isnull=False),
            ),
            models.Index(
                fields=["workspace", "conversation"],
                name="parley_message_superseded",
                condition=Q(superseded_by__isnull=False),
            ),
            models.Index(
                fields=["workspace", "created_at", "failed_tool"],
                name="parley_message_failed",
                condition=Q(failed_tool__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:60]}{'…' if len(self.content) > 60 else ''}"
