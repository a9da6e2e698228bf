from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce, Left
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.filters import Contains
from messaging.index.querysets import TenantQuerySet
from messaging.index.terms import IndexTermsField
from messaging.sql.derived import DerivingModel
from messaging.sql.fields import (
    CodePointField,
    FoldedTextField,
    IdField,
    ObjectField,
    TagsField,
)
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantModel
from messaging.values.choices import ConversationStatus

from .following import OtherTextField
from .workspace import Workspace

FIRST_MESSAGES = 50
"""Among so many the text is looked for that names a conversation without a title."""
FIRST_TEXT = 400
"""Characters of it that are read."""
LINE = 80
"""Characters of it that are shown."""


class ConversationQuerySet(TenantQuerySet["Conversation"]):
    """Narrowed by `narrow` as a listing is. Name the workspace first: index keys are within it."""

    def search(self, text: str) -> Self:
        """Title contains the text, case ignored."""
        return self.narrow(Contains("search_title", text))

    def with_first_line(self) -> Self:
        """With how the first text begins, as `first_line`, where there is no title: that of a user, else of
        anybody. It is looked for among the first messages; null where none of them has a text."""
        messages: Any = self.model._meta.get_field("messages").related_model
        own = messages.objects.filter(
            workspace=OuterRef("workspace"), conversation=OuterRef("pk"), seq__lte=FIRST_MESSAGES
        ).current()
        texts = own.exclude(content="").order_by("seq").values_list(Left("content", FIRST_TEXT))
        first = Coalesce(Subquery(texts.filter(role="user")[:1]), Subquery(texts[:1]))
        return self.annotate(
            first_line=Case(
                When(~Q(title=""), title__isnull=False, then=None),
                default=first,
                output_field=models.TextField(),
            )
        )

    def total_messages(self) -> int:
        """Sum of the kept counters: exact, and as cheap as the conversations are few."""
        total: int | None = self.aggregate(total=Sum("message_count"))["total"]
        return total or 0


class Conversation(DerivingModel, TenantModel):
    """A dialogue. Its row is the lock and the counter of its messages: who holds it hands out `seq`."""

    id = IdField(verbose_name=_("id"), prefix="conv")
    workspace = models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="conversations",
        db_index=False,
    )
    external_id = CodePointField(_("external id"), max_length=255, null=True, editable=False)
    """The caller's own id of the conversation, unique in its workspace; null where the caller has none."""
    title = models.CharField(_("title"), max_length=255, null=True, blank=True)  # noqa: DJ001  null on the wire
    search_title = FoldedTextField(verbose_name=_("search title"), source="title")
    summary = models.TextField(_("summary"), null=True, blank=True)  # noqa: DJ001
    status = models.CharField(
        _("status"), max_length=10, choices=ConversationStatus.choices, default=ConversationStatus.ACTIVE
    )
    is_public = models.BooleanField(_("is public"), default=False)
    collections = TagsField(_("collections"), default=list, blank=True)
    meta_data = ObjectField(_("meta data"), default=dict, blank=True)
    search_other = OtherTextField(
        verbose_name=_("search other"),
        source=["summary", "user_id", "meta_data", "settings"],
        besides="title",
    )
    index_terms = IndexTermsField(
        verbose_name=_("index terms"), scopes=["workspace_id"], lists=["collections"], objects=["meta_data"]
    )
    settings = ObjectField(_("settings"), default=dict, blank=True)
    user_id = CodePointField(_("user id"), max_length=255, null=True, blank=True)
    """The end user whose conversation it is, an id of the caller's own system."""
    owner_id = CodePointField(_("owner id"), max_length=255, null=True, blank=True)
    created_by = CodePointField(_("created by"), max_length=255, null=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    last_seq = models.BigIntegerField(_("last seq"), default=0, editable=False)
    """The highest `seq` handed out. Never goes down, so a number is never used twice."""
    last_created_at = models.DateTimeField(_("last created at"), null=True, editable=False)
    """The latest `created_at` of any message that it has ever held; null before the first. Never goes down,
    not by a deletion either: a message without a time of its own is never dated before it."""
    message_count = models.BigIntegerField(_("message count"), default=0, editable=False)
    superseded_count = models.BigIntegerField(_("superseded count"), default=0, editable=False)
    """How many of its messages others took the place of: its list has the rest."""
    active_run = CodePointField(_("active run"), max_length=40, null=True, editable=False)
    """Id of the run that holds the thread locked, if one does."""
    redacted_at = models.DateTimeField(_("redacted at"), null=True, editable=False)
    """When title, summary, people and meta data were taken out for good; null where they were not."""
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)
    """Of the row or its list of messages. Never goes back, so it also is the clock of new messages."""

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["id", "workspace"], name="parley_conversation_tenant"),
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=Q(external_id__isnull=False),
                name="parley_conversation_external_id",
            ),
            TenantReference("active_run", to="parley_run", name="parley_conversation_active_run_fk"),
        ]
        indexes = [
            # Each message moves the conversation in this index anyway, so the counter costs nothing here and
            # lets an index-only scan sum the messages of many conversations.
            models.Index(
                fields=["workspace", "updated_at", "id", "message_count"], name="parley_conversation_activity"
            ),
            models.Index(fields=["workspace", "created_at", "id"], name="parley_conversation_created"),
            models.Index(
                fields=["workspace", "user_id", "updated_at", "id"], name="parley_conversation_user"
            ),
            models.Index(
                fields=["workspace", "status", "updated_at", "id"], name="parley_conversation_status"
            ),
            models.Index(
                fields=["workspace", "updated_at", "id"],
                name="parley_conversation_public",
                condition=Q(is_public=True),
            ),
            # The foreign key reads this index when a run is deleted.
            models.Index(
                fields=["active_run", "workspace"],
                name="parley_conversation_held",
                condition=Q(active_run__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """The title; without one the first line that somebody wrote, where `name_untitled` has read it."""
        return self.title or _line(vars(self).get("first_line") or "") or self.pk


def name_untitled(conversations: Iterable[Conversation]) -> None:
    """Let those of these rows that have no title name themselves by their first line, in one statement."""
    untitled = {row.pk: row for row in conversations if not row.title}
    if not untitled:
        return
    workspaces = {row.workspace_id for row in untitled.values()}
    rows: Any = Conversation.objects.filter(workspace__in=workspaces, pk__in=untitled).with_first_line()
    for pk, text in rows.values_list("pk", "first_line"):
        vars(untitled[pk])["first_line"] = text


def _line(text: str) -> str:
    """The first line that says something, cut to a length that a heading bears."""
    line = " ".join(next(iter(text.strip().splitlines()), "").split())
    return f"{line[:LINE].rstrip()}…" if len(line) > LINE else line
