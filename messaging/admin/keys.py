from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html

from messaging.choices import Permission
from messaging.models import ApiKey
from messaging.services import create_api_key, update_api_key

from .base import ServiceAdmin, become, changes
from .forms import VersionedForm


class ApiKeyForm(VersionedForm):
    permissions = forms.MultipleChoiceField(
        choices=Permission.choices,
        initial=[Permission.READ, Permission.WRITE],
        widget=forms.CheckboxSelectMultiple,
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


@admin.register(ApiKey)
class ApiKeyAdmin(ServiceAdmin):
    form = ApiKeyForm
    list_display = ("label", "public_prefix", "workspace", "status", "expires_at", "last_used_at")
    list_select_related = ("workspace",)
    list_filter = ("status",)
    search_fields = ("label", "public_prefix")  # never the digest: searches end up in access logs
    autocomplete_fields = ("workspace", "further_workspaces")
    readonly_fields = ("public_prefix", "last_used_at", "created_at", "created_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "workspace") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
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
            owner_id=obj.owner_id,
            status=obj.status,
            expires_at=obj.expires_at,
            created_by=str(request.user),
        )
        become(obj, api_key)
        notice = format_html("The key is shown this once: <code>{}</code>", secret)
        messages.warning(request, notice)
