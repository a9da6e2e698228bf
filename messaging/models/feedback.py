from collections.abc import Iterable
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import TenantQuerySet
from messaging.sql.conditions import OneOf
from messaging.sql.fields import CodePointField, IdField
from messaging.sql.references import TenantReference
from messaging.sql.tenancy import TenantForeignKey, TenantModel
from messaging.values.choices import FeedbackType

from .message import Message
from .workspace import of_workspace


class FeedbackQuerySet(TenantQuerySet["Feedback"]):
    def of_messages(self, message_ids: Iterable[str]) -> Self:
        return self.filter(OneOf("message_id", message_ids))


class Feedback(TenantModel):
    """What somebody, or an evaluator, thinks of a message: a score with a name, and a comment.

    There is one for each message, name and user: who thinks again gives a new value.
    """

    id = IdField(verbose_name=_("id"), prefix="fbk")
    workspace = of_workspace()
    message = TenantForeignKey(Message, verbose_name=_("message"), related_name="feedback")
    conversation_id = CodePointField(_("conversation id"), max_length=40)
    """That of the message, so that a list of a conversation needs no join."""
    name = CodePointField(_("name"), max_length=255)
    """What is rated, such as `rating` or `helpfulness`."""
    data_type = models.CharField(_("data type"), max_length=11, choices=FeedbackType.choices)
    number = models.FloatField(_("number"), null=True, blank=True)
    """The value of numeric feedback, and of boolean feedback 1 or 0."""
    text = models.TextField(_("text"), null=True, blank=True)  # noqa: DJ001  null for what is no text
    """The value of categorical and textual feedback."""
    comment = models.TextField(_("comment"), null=True, blank=True)  # noqa: DJ001  null on the wire
    user_id = CodePointField(_("user id"), max_length=255, blank=True, default="")
    """Who thinks so, an id of the caller's own system; empty for nobody in particular."""
    created_by = CodePointField(_("created by"), max_length=255, null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            # The message leads: this index also serves the foreign key when a message goes.
            models.UniqueConstraint(
                fields=["message", "workspace", "name", "user_id"], name="parley_feedback_of_user"
            ),
            TenantReference("message", to="parley_message", name="parley_feedback_message_fk"),
        ]
        indexes = [
            models.Index(fields=["workspace", "created_at", "id"], name="parley_feedback_created"),
            models.Index(
                fields=["workspace", "conversation_id", "created_at", "id"], name="parley_feedback_within"
            ),
            models.Index(fields=["workspace", "name", "created_at", "id"], name="parley_feedback_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"

    @property
    def value(self) -> float | bool | str | None:
        """As it was given."""
        if self.data_type == FeedbackType.BOOLEAN:
            return bool(self.number)
        return self.number if self.data_type == FeedbackType.NUMERIC else self.text
