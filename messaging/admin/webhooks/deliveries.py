"""The admin of deliveries, read-only: what was sent to webhooks, and how it was answered."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.display import above
from messaging.admin.lists.workspace_filter import WorkspaceFilter
from messaging.admin.read_only import ReadOnlyAdmin, link, pretty
from messaging.admin.refusals import reason_in_words
from messaging.models import WebhookDelivery
from messaging.values.words import grouped

link_to_webhook = link("webhook", _("webhook"), "parley_webhook_change")
webhook = link("webhook", _("webhook"), "parley_webhook_change", in_list=True)


@admin.display(description=_("event, attempt"))
def event(delivery: WebhookDelivery) -> SafeString:
    return above(delivery.type, gettext("attempt %(number)s") % {"number": delivery.attempt})


@admin.display(description=_("answer"))
def outcome(delivery: WebhookDelivery) -> SafeString:
    """The status, and below it why that is a failure."""
    return above(gettext("none") if delivery.status is None else delivery.status, error(delivery))


@admin.display(description=_("error"), empty_value="-")
def error(delivery: WebhookDelivery) -> str:
    return reason_in_words(delivery.error)


@admin.display(description=_("took"))
def took(delivery: WebhookDelivery) -> str:
    return f"{grouped(delivery.milliseconds)} ms"


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin[WebhookDelivery]):
    list_display = ("id", event, webhook, outcome, took, "created_at")
    list_filter = (WorkspaceFilter,)
    search_fields = ("id__exact", "webhook__id__exact", "event_id__exact")
    ids_searched = ("whd", "whk", "ping")
    search_help_text = _("Id of a delivery, of its webhook, or of what was sent")
    fields = readonly_fields = (
        "id",
        "workspace",
        link_to_webhook,
        "type",
        "event_id",
        "attempt",
        "status",
        error,
        pretty(WebhookDelivery, "answer"),
        took,
        "created_at",
    )
