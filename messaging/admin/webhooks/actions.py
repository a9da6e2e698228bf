"""What staff do to webhooks, one or many."""

from collections.abc import Callable
from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from messaging.admin.actions.bulk import BulkAction, Deletion, singly
from messaging.services import (
    delete_webhook,
    ping_webhook,
    replay_webhook,
    rotate_webhook_secret,
    update_webhook,
)
from messaging.values.choices import WebhookState


class From(forms.Form):
    """Where a replay begins."""

    after = forms.CharField(
        required=False,
        max_length=100,
        label=_("After the position"),
        help_text=_("The id of a change, as in `webhook-id`. All that the store keeps, if left empty."),
    )

    def clean_after(self) -> str | None:
        return self.cleaned_data["after"].strip() or None


class Overlap(forms.Form):
    """How long a former secret stays valid."""

    hours = forms.TypedChoiceField(
        coerce=int,
        choices=[(0, _("It ends now")), (1, _("an hour")), (24, _("a day")), (24 * 7, _("a week"))],
        initial=24,
        label=_("The present secret signs as well for"),
    )


def _to(state: WebhookState) -> Callable[[str, str], object]:
    return lambda workspace, pk: update_webhook(
        workspace_id=workspace, webhook_id=pk, changes={"state": state}
    )


PAUSE = BulkAction(
    name="pause",
    verb=_("Pause"),
    past=pgettext_lazy("report", "Paused"),
    perform=singly(_to(WebhookState.PAUSED)),
    logged=_("Paused."),
)
RESUME = BulkAction(
    name="resume",
    verb=_("Resume"),
    past=_("Resumed"),
    perform=singly(_to(WebhookState.ACTIVE)),
    logged=_("Resumed."),
)
PING = BulkAction(
    name="ping",
    verb=_("Ping"),
    past=_("Pinged"),
    perform=singly(lambda workspace, pk: ping_webhook(workspace_id=workspace, webhook_id=pk)),
    logged=_("Pinged."),
)
REPLAY = BulkAction(
    name="replay",
    verb=_("Replay"),
    past=_("Replayed"),
    perform=singly(
        lambda workspace, pk, after: replay_webhook(workspace_id=workspace, webhook_id=pk, after=after)
    ),
    form=From,
    warning=_("What follows the position is sent again, under the same ids."),
    logged=_("Replayed."),
)
ROTATE = BulkAction(
    name="rotate",
    verb=_("Rotate the secret"),
    past=_("Rotated"),
    perform=singly(
        lambda workspace, pk, hours: rotate_webhook_secret(
            workspace_id=workspace, webhook_id=pk, overlap=timedelta(hours=hours)
        )
    ),
    form=Overlap,
    warning=_("The receiver has to know the new secret before the present one ends."),
    logged=_("Secret rotated."),
)
DELETE_WEBHOOKS = Deletion(
    perform=singly(lambda workspace, pk: delete_webhook(workspace_id=workspace, webhook_id=pk)),
)
