"""The form of a webhook."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.admin.forms.once import PromisingForm
from messaging.models import Webhook
from messaging.values.choices import ChangeKind, WebhookState


class WebhookForm(PromisingForm[Webhook]):
    """Offers the types that there are. Whether the URL may be sent to, the service decides."""

    types = forms.MultipleChoiceField(
        required=False,
        choices=[(kind.value, kind.value) for kind in ChangeKind],
        widget=forms.CheckboxSelectMultiple,
        label=_("Types"),
        help_text=_("None stands for all."),
    )

    class Meta:
        model = Webhook
        fields = ("url", "description", "workspace", "types", "conversation_id", "include", "state")
        labels = {"url": "URL", "conversation_id": _("Conversation"), "include": _("Sent along")}
        help_texts = {
            "url": _("https, at a public address or in a network of WEBHOOK_NETWORKS."),
            "conversation_id": _("The id of a conversation, to be sent its changes alone."),
            "include": _("Besides the change, the messages that it names, where they are few and small."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "state" in self.fields:
            stored = self.instance.state
            states = [WebhookState.ACTIVE, WebhookState.PAUSED]
            offered = states if stored in states else [WebhookState.DISABLED, *states]
            self.fields["state"] = forms.ChoiceField(
                choices=[(state.value, state.label) for state in offered],
                label=_("State"),
                help_text=_("What was missed while it was paused or disabled is sent once it is active."),
            )

    def clean_conversation_id(self) -> str | None:
        given: str | None = self.cleaned_data["conversation_id"]
        return (given or "").strip() or None
