"""What staff do to webhooks, one or many."""

from collections.abc import Callable
from datetime import timedelta

from django import forms

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
        label="After the position",
        help_text="The id of a change, as in `webhook-id`. All that the store keeps, if left empty.",
    )

    def clean_after(self) -> str | None:
        return self.cleaned_data["after"].strip() or None


class Overlap(forms.Form):
    """How long a former secret stays valid."""

    hours = forms.TypedChoiceField(
        coerce=int,
        choices=[(0, "It ends now"), (1, "an hour"), (24, "a day"), (24 * 7, "a week")],
        initial=24,
        label="The present secret signs as well for",
    )

    @property
    def overlap(self) -> timedelta:
        """The choice of a valid form."""
        return timedelta(hours=self.cleaned_data["hours"])


def _to(state: WebhookState) -> Callable[[str, str], object]:
    return lambda workspace, pk: update_webhook(
        workspace_id=workspace, webhook_id=pk, changes={"state": state}
    )


PAUSE = BulkAction(
    name="pause",
    verb="Pause",
    past="Paused",
    perform=singly(_to(WebhookState.PAUSED)),
    logged="Paused.",
)
RESUME = BulkAction(
    name="resume",
    verb="Resume",
    past="Resumed",
    perform=singly(_to(WebhookState.ACTIVE)),
    logged="Resumed.",
)
PING = BulkAction(
    name="ping",
    verb="Ping",
    past="Pinged",
    perform=singly(lambda workspace, pk: ping_webhook(workspace_id=workspace, webhook_id=pk)),
    logged="Pinged.",
)
REPLAY = BulkAction(
    name="replay",
    verb="Replay",
    past="Replayed",
    perform=singly(
        lambda workspace, pk, after: replay_webhook(workspace_id=workspace, webhook_id=pk, after=after)
    ),
    form=From,
    warning="What follows the position is sent again, under the same ids.",
    logged="Replayed.",
)
ROTATE = BulkAction(
    name="rotate",
    verb="Rotate the secret",
    past="Rotated",
    perform=singly(
        lambda workspace, pk, hours: rotate_webhook_secret(
            workspace_id=workspace, webhook_id=pk, overlap=timedelta(hours=hours)
        )
    ),
    form=Overlap,
    warning="The receiver has to know the new secret before the present one ends.",
    logged="Secret rotated.",
)
DELETE_WEBHOOKS = Deletion(
    perform=singly(lambda workspace, pk: delete_webhook(workspace_id=workspace, webhook_id=pk)),
)
