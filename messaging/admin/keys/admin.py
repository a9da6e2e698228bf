from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from messaging.admin.base import ServiceAdmin, become, changes
from messaging.admin.lists.cells import above
from messaging.admin.lists.filters import WorkspaceFilter
from messaging.models import ApiKey
from messaging.services import (
    change_further_workspaces,
    create_api_key,
    delete_api_key,
    update_api_key,
)

from .form import ApiKeyForm, promised_id
from .pages import CreatedPage, RevokePage

FORM = ("label", "workspace", "further_workspaces", "permissions", "owner_id", "expires_at")
STATES = ("active", "expired", "revoked")
KNOWN = ("public_prefix", "last_used_at", "created_at", "created_by")


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        asked = self.value()
        return getattr(queryset, asked)() if asked in STATES else queryset


@admin.register(ApiKey)
class ApiKeyAdmin(CreatedPage, RevokePage, ServiceAdmin):
    form = ApiKeyForm
    list_display = ("named", "workspace", "standing", "last_used_at")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, StateFilter)
    search_fields = ("label", "public_prefix")  # never the digest: searches end up in access logs
    search_help_text = "Part of the label or public prefix, or an id of anything"
    descending = True
    autocomplete_fields = ("workspace", "further_workspaces")
    readonly_fields = (*KNOWN, "state", "also_opens", "may")

    @admin.display(description="Key")
    def named(self, api_key: ApiKey) -> SafeString:
        return above(api_key.label, api_key.public_prefix)

    @admin.display(description="State")
    def standing(self, api_key: ApiKey) -> SafeString:
        """For the list: the state, with the day on which it ends or has ended."""
        if api_key.expires_at is None:
            return format_html("<bdi>{}</bdi>", api_key.state)
        return above(api_key.state, f"until {date_format(localtime(api_key.expires_at), 'DATE_FORMAT')}")

    @admin.display(description="State")
    def state(self, api_key: ApiKey) -> str:
        return api_key.state

    @admin.display(description="Further workspaces")
    def also_opens(self, api_key: Any) -> SafeString:
        """Those that the user does not see are counted, not named."""
        names = ", ".join(map(str, api_key.seen_further))
        unseen = f"{api_key.unseen_further} that you do not see" if api_key.unseen_further else ""
        return format_html("{}", " and ".join(filter(None, (names, unseen))) or "none")

    @admin.display(description="Permissions")
    def may(self, api_key: ApiKey) -> str:
        return ", ".join(api_key.permissions)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        api_key: Any = super().get_object(request, object_id, from_field)
        if api_key is not None:
            further = api_key.further_workspaces.all()
            field = ApiKey._meta.get_field("further_workspaces")
            visible = self.get_field_queryset(None, field, request)
            api_key.seen_further = list(further.filter(pk__in=visible.values("pk")))
            api_key.unseen_further = further.count() - len(api_key.seen_further)
        return api_key

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return FORM
        if not self.has_change_permission(request, obj):
            return ("label", "workspace", "also_opens", "may", "owner_id", "expires_at", "state", *KNOWN)
        unseen = ("also_opens",) if obj.unseen_further else ()
        # The status can be chosen; that it is of no use any more is another matter.
        expired = ("state",) if obj.state == "expired" else ()
        return (*FORM[:3], *unseen, *FORM[3:], "status", *expired, *KNOWN)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "workspace") if obj else self.readonly_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?like=` the id of a key: its rights, as far as the user sees them."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        key = self.get_object(request, str(initial.pop("like", "")))
        if key is None:
            return initial
        like = {name: getattr(key, name) for name in ("label", "permissions", "owner_id")}
        return like | {"workspace": key.workspace_id, "further_workspaces": key.seen_further} | initial

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        # A new key has a page of its own; nobody should be led away from it.
        if kwargs.get("add"):
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            given = changes(form, without=("further_workspaces",))
            update_api_key(
                workspace_id=obj.workspace_id,
                api_key_id=obj.pk,
                changes=given,
                expected_version=form.expected_version,
            )
            return
        api_key, secret = create_api_key(
            workspace_id=obj.workspace_id,
            label=obj.label,
            permissions=obj.permissions,
            further_workspace_ids=[row.pk for row in form.cleaned_data["further_workspaces"]],
            owner_id=obj.owner_id,
            expires_at=obj.expires_at,
            created_by=str(request.user),
            api_key_id=promised_id(request.POST),
        )
        become(obj, api_key)
        obj.secret = secret  # for the answer alone

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change:
            chosen = {row.pk for row in form.cleaned_data["further_workspaces"]}
            change_further_workspaces(
                workspace_id=form.instance.workspace_id,
                api_key_id=form.instance.pk,
                added_ids=chosen - form.further,
                removed_ids=form.further - chosen,
            )

    def delete_model(self, request: HttpRequest, obj: ApiKey) -> None:
        delete_api_key(workspace_id=obj.workspace_id, api_key_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for api_key in queryset:
            self.delete_model(request, api_key)
