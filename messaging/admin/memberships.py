from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest

from messaging.models import Membership

from .base import StaffAdmin
from .filters import WorkspaceFilter

if TYPE_CHECKING:  # generic to the type checker alone
    TabularInline = admin.TabularInline[Any, Any]
else:
    from django.contrib.admin import TabularInline

__all__ = ["MembershipAdmin", "MembershipInline"]


def autocompletes_users(site: admin.AdminSite, request: HttpRequest) -> bool:
    """Whether this person may search the users of this site; a list of all of them serves otherwise."""
    model = get_user_model()
    if not site.is_registered(model):
        return False
    users = site.get_model_admin(model)
    return bool(users.get_search_fields(request)) and users.has_view_permission(request)


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    """Memberships are given and taken, never changed into others."""

    list_display = ("user", "workspace", "created_at")
    list_select_related = ("user", "workspace")
    list_filter = (WorkspaceFilter,)
    descending = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("workspace", "user") if autocompletes_users(self.admin_site, request) else ("workspace",)


class MembershipInline(TabularInline):
    """Who may see a workspace, on its page: for holders of the permissions of memberships."""

    model = Membership
    extra = 1
    fields = ("user", "created_at")
    readonly_fields = ("created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user", "workspace")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("user",) if autocompletes_users(self.admin_site, request) else ()
