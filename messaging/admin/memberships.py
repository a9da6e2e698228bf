from django.contrib import admin

from messaging.models import Membership

from .base import StaffAdmin
from .filters import WorkspaceFilter


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    list_display = ("user", "workspace", "created_at")
    list_select_related = ("user", "workspace")
    list_filter = (WorkspaceFilter,)
    autocomplete_fields = ("workspace",)
