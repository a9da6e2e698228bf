"""What staff should know of webhooks: those that the store has disabled."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils.translation import ngettext

from messaging.models import Webhook
from messaging.rights import visible_to
from messaging.values.choices import WebhookState
from messaging.values.words import grouped

VIEW_WEBHOOKS = "parley.view_webhook"


def notes_on_webhooks(request: HttpRequest) -> Iterator[str]:
    """A sentence on each trouble; none for a user who may not see webhooks."""
    if not request.user.has_perm(VIEW_WEBHOOKS):
        return
    webhooks = visible_to(request.user, Webhook.objects.all())
    if disabled := webhooks.filter(state=WebhookState.DISABLED).count():
        note = ngettext("%(count)s webhook is disabled.", "%(count)s webhooks are disabled.", disabled)
        yield note % {"count": grouped(disabled)}
