"""The form of an API key: which of its rights can be chosen, and by whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.core import signing
from django.utils import timezone

from messaging.admin.forms.versioned import VersionedForm
from messaging.models import ApiKey, Workspace
from messaging.values.choices import KeyStatus, Permission
from messaging.values.ids import new_id

PROMISE = "parley.admin.promised_key"
"""Salt of the signature, which proves that the server chose the id."""

ALLOWS = {
    Permission.READ: "every GET of messages, conversations and workspaces",
    Permission.WRITE: "creating, changing and deleting messages and conversations",
    Permission.AGENT: "writing the output of a run into a locked thread",
    Permission.ADMIN: "workspaces and API keys",
}
NO_MORE = "This key also opens workspaces that you do not see, so you cannot give it more than it has."


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


class ApiKeyForm(VersionedForm[ApiKey]):
    """Holds the further workspaces that the user may see; the others stay as they are."""

    permissions = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {allows}") for name, allows in ALLOWS.items()],
        initial=[Permission.READ, Permission.WRITE],
        widget=forms.CheckboxSelectMultiple,
        help_text="None includes another.",
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

    @property
    def promise(self) -> str:
        """The id that a new key will have, carried by its form: a form sent twice makes one key."""
        return str(self.data.get("promise") or signing.dumps(new_id("key"), salt=PROMISE))

    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if "expires_at" in self.changed_data and expires_at and expires_at <= timezone.now():
            raise forms.ValidationError("Give a moment in the future. To stop a key now, revoke it.")
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


def promised_id(data: Mapping[str, str]) -> str | None:
    """The id that a sent form promised its key; None where it promised none."""
    try:
        return str(signing.loads(data.get("promise", ""), salt=PROMISE))
    except signing.BadSignature:
        return None
