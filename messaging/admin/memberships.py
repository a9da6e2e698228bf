from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from messaging.models import Membership

from .base import StaffAdmin
from .lists.changelist import may_be_key
from .lists.filters import WorkspaceFilter

if TYPE_CHECKING:  # generic to the type checker alone
    BaseAdmin = admin.options.BaseModelAdmin[Any]
    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    from django.contrib.admin import TabularInline
    from django.contrib.admin.options import BaseModelAdmin as BaseAdmin

    InlineFormSet = BaseInlineFormSet

__all__ = ["MembershipAdmin", "MembershipInline"]


def autocompletes_users(site: admin.AdminSite, request: HttpRequest) -> bool:
    """Whether this person may search the users of this site; a list of all of them serves otherwise."""
    model = get_user_model()
    if not site.is_registered(model):
        return False
    users = site.get_model_admin(model)
    return bool(users.get_search_fields(request)) and users.has_view_permission(request)


class UserSelect(AutocompleteSelect):
    """Django's looks up whatever was sent as a key of a user, and fails where it cannot be one."""

    def optgroups(self, name: str, value: Sequence[str], attrs: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if may_be_key(get_user_model(), key)], attrs)


class PickingUsers(BaseAdmin):
    """Whose forms name a user."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user" and autocompletes_users(self.admin_site, request):
            kwargs["widget"] = UserSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Membership)
class MembershipAdmin(PickingUsers, StaffAdmin):
    """Memberships are given and taken, never changed into others."""

    list_display = ("user", "workspace", "created_at")
    list_select_related = ("user", "workspace")
    list_filter = (WorkspaceFilter,)
    autocomplete_fields = ("workspace",)
    descending = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Memberships(InlineFormSet):
    """Django names the boxes that take a row away in the head of their column alone."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = "Delete"


class MembershipInline(PickingUsers, TabularInline):
    """Who may see a workspace, on its page: for holders of the permissions of memberships."""

    model = Membership
    formset = Memberships
    extra = 1
    fields = ("user", "created_at")
    readonly_fields = ("created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user", "workspace")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
