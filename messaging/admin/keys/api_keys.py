"""The admin of API keys: list, form, and the services that write them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseFormSet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.actions.row import CountedDeletion, RowAction
from messaging.admin.display import above
from messaging.admin.forms.once import ShownOnce, promised_id, with_secret
from messaging.admin.lists.admin import ListAdmin
from messaging.admin.lists.workspace_filter import WorkspaceFilter
from messaging.admin.pages import address_of
from messaging.admin.typed import Context, TypedAdmin, TypedForm
from messaging.models import ApiKey
from messaging.services import change_further_workspaces, create_api_key, update_api_key
from messaging.values.choices import Permission

from .actions import DELETE_KEYS, REVOKE_KEYS
from .form import ApiKeyForm, Further, attach_further, further_of

FORM = ("label", "workspace", "further_workspaces", "permissions", "owner_id", "expires_at")
STATES = {"active": _("active"), "expired": _("expired"), "revoked": _("revoked")}
KNOWN = ("public_prefix", "last_used_at", "created_at", "created_by")


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: TypedAdmin[Any]) -> list[tuple[str, str]]:
        return [(state, str(label)) for state, label in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        asked = self.value()
        return getattr(queryset, asked)() if asked in STATES else queryset


def curl_line(request: HttpRequest, api_key: ApiKey, secret: str) -> str | None:
    """A command that works with this key at the present address; None where no wire is mounted."""
    name, query = ("messages", "?limit=1") if Permission.READ in api_key.permissions else ("session", "")
    address = address_of(f"parley-{name}")
    whole = request.build_absolute_uri(address + query)
    return f"curl -H 'Authorization: Bearer {secret}' '{whole}'" if address else None


@admin.register(ApiKey)
class ApiKeyAdmin(RowAction[ApiKey], CountedDeletion[ApiKey], ShownOnce[ApiKey], ListAdmin[ApiKey]):
    """No secret is stored."""

    form = ApiKeyForm
    made, made_already = _("The key is made"), _("The key is made already")
    row_action, deletion = REVOKE_KEYS, DELETE_KEYS
    related = ("further_workspaces",)
    actions = (REVOKE_KEYS, DELETE_KEYS)
    list_display = ("named", "workspace", "standing", "last_used_at")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, StateFilter)
    search_fields = ("label", "public_prefix")  # never the digest: searches end up in access logs
    search_help_text = _("Part of the label or public prefix, or an id of anything")
    descending = True
    autocomplete_fields = ("workspace", "further_workspaces")
    readonly_fields = (*KNOWN, "state", "also_opens", "may")

    @admin.display(description=_("Key"))
    def named(self, api_key: ApiKey) -> SafeString:
        return above(api_key.label, api_key.public_prefix)

    @admin.display(description=_("State"))
    def standing(self, api_key: ApiKey) -> SafeString:
        """The state for the list, with the day on which it ends or has ended."""
        if api_key.expires_at is None:
            return format_html("<bdi>{}</bdi>", STATES[api_key.state])
        day = date_format(localtime(api_key.expires_at), "DATE_FORMAT")
        return above(STATES[api_key.state], gettext("until %(day)s") % {"day": day})

    @admin.display(description=_("State"))
    def state(self, api_key: ApiKey) -> str:
        return str(STATES[api_key.state])

    @admin.display(description=_("Further workspaces"))
    def also_opens(self, api_key: ApiKey) -> SafeString:
        """Workspaces that the user does not see are counted, not named."""
        further = further_of(api_key)
        names = ", ".join(map(str, further.seen))
        if not further.unseen:
            return format_html("{}", names or gettext("none"))
        counted = ngettext(
            "%(count)s that you do not see", "%(count)s that you do not see", further.unseen
        ) % {"count": further.unseen}
        both = gettext("%(names)s and %(unseen)s") % {"names": names, "unseen": counted}
        return format_html("{}", both if names else counted)

    @admin.display(description=_("Permissions"))
    def may(self, api_key: ApiKey) -> str:
        return ", ".join(api_key.permissions)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ApiKey | None:
        api_key = super().get_object(request, object_id, from_field)
        if api_key is not None:
            further = api_key.further_workspaces.all()
            visible = self.get_field_queryset(None, ApiKey._meta.get_field("further_workspaces"), request)
            seen = list(further.filter(pk__in=visible.values("pk")))
            attach_further(api_key, Further(seen, further.count() - len(seen)))
        return api_key

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        if obj is None:
            return FORM
        if not self.has_change_permission(request, obj):
            return ("label", "workspace", "also_opens", "may", "owner_id", "expires_at", "state", *KNOWN)
        unseen = ("also_opens",) if further_of(obj).unseen else ()
        # The status can be chosen, but an expired key stays useless whatever its status.
        expired = ("state",) if obj.state == "expired" else ()
        return (*FORM[:3], *unseen, *FORM[3:], "status", *expired, *KNOWN)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "workspace") if obj else self.readonly_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The rights of the key whose id is `?like=`, as far as the user sees them."""
        initial: dict[str, Any] = {**super().get_changeform_initial_data(request)}
        key = self.get_object(request, str(initial.pop("like", "")))
        if key is None:
            return initial
        like = {name: getattr(key, name) for name in ("label", "permissions", "owner_id")}
        return like | {"workspace": key.workspace_id, "further_workspaces": further_of(key).seen} | initial

    def update(self, obj: ApiKey, **given: Any) -> None:
        update_api_key(workspace_id=obj.workspace_id, api_key_id=obj.pk, **given)

    def create(self, request: HttpRequest, obj: ApiKey, form: TypedForm[ApiKey]) -> ApiKey:
        api_key, secret = create_api_key(
            workspace_id=obj.workspace_id,
            label=obj.label,
            permissions=obj.permissions,
            further_workspace_ids=[row.pk for row in form.cleaned_data["further_workspaces"]],
            owner_id=obj.owner_id,
            expires_at=obj.expires_at,
            created_by=str(request.user),
            api_key_id=promised_id(ApiKey, request.POST),
        )
        return with_secret(api_key, secret)

    def save_related(
        self, request: HttpRequest, form: ApiKeyForm, formsets: "Sequence[BaseFormSet[Any]]", change: bool
    ) -> None:
        if change:
            chosen = {row.pk for row in form.cleaned_data["further_workspaces"]}
            change_further_workspaces(
                workspace_id=form.instance.workspace_id,
                api_key_id=form.instance.pk,
                added_ids=chosen - form.further,
                removed_ids=form.further - chosen,
            )

    def already(self, obj: ApiKey) -> str:
        return gettext("It is revoked already.") if obj.state == "revoked" else ""

    def about_secret(self, request: HttpRequest, obj: ApiKey, secret: str) -> Context:
        return {"curl": curl_line(request, obj, secret)}
