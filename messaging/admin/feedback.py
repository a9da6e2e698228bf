"""The admin of feedback, read-only: what people and evaluators think of messages, and the way to these."""

from contextlib import suppress
from functools import partial
from math import isfinite

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from messaging.index.filters import Equal, Filter
from messaging.models import Feedback

from .display import above, brief, worded
from .lists.filters import ValuesFilter
from .lists.workspace_filter import WorkspaceFilter
from .read_only import ReadOnlyAdmin, link_to_conversation, link_to_message, message, pretty


@admin.display(description=_("value"))
def value(given: Feedback) -> str:
    """As a filter takes it."""
    return str(worded(given.value))


@admin.display(description=_("name, value"))
def rated(given: Feedback) -> SafeString:
    return above(given.name, brief(value(given)))


@admin.display(description=_("user, comment"))
def opinion(given: Feedback) -> SafeString:
    return above(given.user_id or "-", brief(given.comment))


def holds(text: str) -> Filter:
    """The filter of a value as it is typed: a number, the word of a truth value, a category or a text."""
    words = {"true": 1.0, "false": 0.0} | {
        str(worded(truth)).casefold(): float(truth) for truth in (True, False)
    }
    number = words.get(text.casefold())
    if number is None:
        with suppress(ValueError):
            number = float(text)
    return Equal("text", text) if number is None or not isfinite(number) else Equal("number", number)


class FeedbackValuesFilter(ValuesFilter):
    title = _("exact values")
    narrows = {"rated": partial(Equal, "name"), "value": holds, "user": partial(Equal, "user_id")}
    labels = {"rated": _("Name"), "value": _("Value"), "user": _("User")}


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin[Feedback]):
    list_display = ("id", rated, opinion, message, "created_at")
    list_filter = (WorkspaceFilter, "data_type", FeedbackValuesFilter)
    search_fields = ("id__exact", "message__id__exact", "conversation_id__exact")
    ids_searched = ("fbk", "msg", "conv")
    search_help_text = _("Id of feedback, of its message, or of its conversation")
    fields = readonly_fields = (
        "id",
        "workspace",
        link_to_conversation,
        link_to_message,
        "name",
        "data_type",
        value,
        pretty(Feedback, "comment"),
        "user_id",
        "created_by",
        "created_at",
        "updated_at",
    )
