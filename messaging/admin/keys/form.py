"""The form of an API key: which of its rights can be chosen, and by whom."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core import signing
from django.utils import timezone

from messaging.admin.forms.versioned import VersionedForm
from messaging.models import ApiKey, Workspace
from messaging.values.choices import KeyStatus, Permission
from messaging.values.ids import new_id

__all__ = ["ALLOWS", "ApiKeyForm", "promised_id"]

PROMISE = "parley.admin.promised_key"
"""Salt of the signature, which proves that the server chose the id."""

ALLOWS = {
    Permission.READ: "every GET of messages, conversations and workspaces",
    Permission.WRITE: "creating, changing and deleting messages and conversations",
    Permission.AGENT: "writing the output of a run into a locked thread",
    Permission.ADMIN: "workspaces and API keys",
}
NO_MORE = "This key also opens workspaces that you do not see, so you cannot give it more than it has."


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
        self.further: set[str] = set()
        """Ids of the further workspaces that are stored and that the user may see."""
        self.unseen = 0
        """How many others are stored."""
        field = cast("forms.ModelChoiceField[Workspace] | None", self.fields.get("further_workspaces"))
        if field is not None and field.queryset is not None and not self.instance._state.adding:
            stored = set(self.instance.further_workspaces.values_list("pk", flat=True))
            self.further = set(field.queryset.filter(pk__in=stored).values_list("pk", flat=True))
            self.unseen = len(stored) - len(self.further)
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
        for name in self._given_more() if self.unseen else ():
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
