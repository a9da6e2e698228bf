"""The form of an API key: which of its rights can be chosen, and by whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.forms.once import PromisingForm
from messaging.models import ApiKey, Workspace
from messaging.values.choices import KeyStatus, Permission

ALLOWS = {
    Permission.READ: _("every GET of messages, conversations and workspaces"),
    Permission.WRITE: _("creating, changing and deleting messages and conversations"),
    Permission.AGENT: _("writing the output of a run into a locked thread"),
    Permission.ADMIN: _("workspaces and API keys"),
}
NO_MORE = _("This key also opens workspaces that you do not see, so you cannot give it more than it has.")


class Further(NamedTuple):
    """The further workspaces of a key, as one person may see them."""

    seen: Sequence[Workspace] = ()
    unseen: int = 0
    """How many others there are."""


def attach_further(api_key: ApiKey, further: Further) -> None:
    """Keep them with the key for the pages of one request."""
    vars(api_key)["further_on_page"] = further


def further_of(api_key: ApiKey) -> Further:
    """What `attach_further` kept; none for a key that is being made."""
    further: Further = vars(api_key).get("further_on_page", Further())
    return further


class ApiKeyForm(PromisingForm[ApiKey]):
    """Holds the further workspaces that the user may see; the others stay as they are."""

    permissions = forms.MultipleChoiceField(
        choices=[(name.value, format_lazy("{}: {}", name.value, allows)) for name, allows in ALLOWS.items()],
        initial=[Permission.READ, Permission.WRITE],
        widget=forms.CheckboxSelectMultiple,
        label=_("Permissions"),
        help_text=_("None includes another."),
    )

    class Meta:
        model = ApiKey
        fields = (
            "label",
            "workspace",
            "further_workspaces",
            "permissions",
            "owner_id",
            "status",
            "expires_at",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.further = {row.pk for row in further_of(self.instance).seen}
        if "further_workspaces" in self.fields and not self.instance._state.adding:
            self.initial["further_workspaces"] = sorted(self.further)

    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if "expires_at" in self.changed_data and expires_at and expires_at <= timezone.now():
            raise forms.ValidationError(gettext("Give a moment in the future. To stop a key now, revoke it."))
        return expires_at

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        for name in self._given_more() if further_of(self.instance).unseen else ():
            self.add_error(name, NO_MORE)
        return cleaned

    def _given_more(self) -> list[str]:
        """Fields that would widen the rights of the key, which hold in every workspace that it opens."""
        stored, given = self.initial, self.cleaned_data
        wider = {
            "permissions": not set(given.get("permissions", ())) <= set(stored.get("permissions", ())),
            "status": given.get("status") == KeyStatus.ACTIVE != stored.get("status"),
            "expires_at": "expires_at" in self.changed_data
            and stored.get("expires_at") is not None
            and (given.get("expires_at") is None or given["expires_at"] > stored["expires_at"]),
        }
        return [name for name, is_wider in wider.items() if is_wider and name in self.fields]
