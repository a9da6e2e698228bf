"""What staff should know of webhooks: those that the store has disabled."""

from collections.abc import Iterator

from django.http import HttpRequest

from messaging.models import Webhook
from messaging.rights import visible_to
from messaging.values.choices import WebhookState

VIEW_WEBHOOKS = "parley.view_webhook"


def notes_on_webhooks(request: HttpRequest) -> Iterator[str]:
    """A sentence on each trouble; none for a user who may not see webhooks."""
    if not request.user.has_perm(VIEW_WEBHOOKS):
        return
    webhooks = visible_to(request.user, Webhook.objects.all())
    if disabled := webhooks.filter(state=WebhookState.DISABLED).count():
        yield f"{'1 webhook is' if disabled == 1 else f'{disabled:,} webhooks are'} disabled."
