"""Which people of the staff may see a workspace: a list of its own, and a table on the workspace's page."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.models import Membership, Workspace

from .lists.admin import ListAdmin
from .lists.workspace_filter import WorkspaceFilter
from .pages import may_be_key
from .typed import TypedBase, TypedForm, TypedFormSet, TypedInline


def autocompletes_users(site: admin.AdminSite, request: HttpRequest) -> bool:
    """Whether this person may search the users of this site; a list of all of them serves otherwise."""
    model = get_user_model()
    if not site.is_registered(model):
        return False
    users = site.get_model_admin(model)
    return bool(users.get_search_fields(request)) and users.has_view_permission(request)


class UserSelect(AutocompleteSelect):
    """Ignores what cannot be the key of a user, on which Django's own widget fails."""

    def optgroups(
        self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None
    ) -> list[tuple[str | None, list[dict[str, Any]], int | None]]:
        return super().optgroups(name, [key for key in value if may_be_key(get_user_model(), key)], attrs)


class PickingUsers(TypedBase[Any]):
    """Forms that name a user."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        if db_field.name == "user" and autocompletes_users(self.admin_site, request):
            kwargs["widget"] = UserSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Membership)
class MembershipAdmin(PickingUsers, ListAdmin[Membership]):
    """Memberships are granted and withdrawn, never changed into others."""

    list_display = ("user", "workspace", "created_at")
    list_select_related = ("user", "workspace")
    list_filter = (WorkspaceFilter,)
    autocomplete_fields = ("workspace",)
    descending = True

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False


class Memberships(TypedFormSet[Membership, Workspace, TypedForm[Membership]]):
    """Knows the rows of its workspace alone, and labels each box that deletes one.

    Django names those boxes in the head of their column alone.
    """

    def add_fields(self, form: TypedForm[Membership], index: int | None) -> None:
        super().add_fields(form, index)
        if isinstance(row := form.fields.get("id"), ModelChoiceField):
            row.queryset = self.get_queryset()  # Django's own knows the rows of every workspace
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = gettext("Delete")


class MembershipInline(PickingUsers, TypedInline[Membership, Workspace]):
    """Who may see a workspace, on its page: for holders of the permissions of memberships."""

    model = Membership
    formset = Memberships
    extra = 1
    fields = ("user", "since")
    readonly_fields = ("since",)

    @admin.display(description=_("Since"))
    def since(self, membership: Membership) -> str:
        """When it was granted, of those that are."""
        moment = localtime(membership.created_at)
        return "-" if membership._state.adding else date_format(moment, "DATETIME_FORMAT")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "workspace")

    def has_change_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        return False
