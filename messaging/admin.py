"""The store in the Django admin: through the services of the wires, so with the same checksums and counts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from .choices import Permission
from .models import ApiKey, Conversation, Message, Workspace
from .services import (
    create_api_key,
    create_workspace,
    delete_conversation,
    delete_message,
    delete_workspace,
    update_api_key,
    update_conversation,
    update_message,
    update_workspace,
)

if TYPE_CHECKING:  # generic to the type checker alone
    ModelAdmin = admin.ModelAdmin[Any]
    ModelForm = forms.ModelForm[ApiKey]
else:
    from django.contrib.admin import ModelAdmin
    from django.forms import ModelForm

Deletion = tuple[list[Any], dict[str, int], set[str], list[str]]


class ServiceAdmin(ModelAdmin):
    """Deletes several rows as it deletes one, and so through the service."""

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)


class SearchedAdmin(ServiceAdmin):
    """Written by the API alone; searched as the API searches."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.search(search_term) if search_term else queryset), False


@admin.register(Workspace)
class WorkspaceAdmin(ServiceAdmin):
    list_display = ("name", "slug", "id", "created_at")
    search_fields = ("name", "slug", "id")
    readonly_fields = ("id", "created_at", "updated_at")
    prepopulated_fields = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if change:
            update_workspace(workspace_id=obj.pk, changes=_changes(form))
        else:
            _become(obj, create_workspace(name=obj.name, slug=obj.slug, meta_data=obj.meta_data))

    def delete_model(self, request: HttpRequest, obj: Workspace) -> None:
        delete_workspace(workspace_id=obj.pk, force=True)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        conversations = Conversation.objects.filter(workspace__in=[workspace.pk for workspace in objs])
        counts = {"conversations": conversations.count(), "messages": conversations.total_messages()}
        return _deletion(objs, counts)


class ApiKeyForm(ModelForm):
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
class ApiKeyAdmin(ModelAdmin):
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
            changes = _changes(form, without=("further_workspaces",))
            update_api_key(workspace_id=obj.workspace_id, api_key_id=obj.pk, changes=changes)
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
        _become(obj, api_key)
        notice = format_html("The key is shown this once: <code>{}</code>", secret)
        messages.warning(request, notice)


@admin.register(Conversation)
class ConversationAdmin(SearchedAdmin):
    list_display = ("__str__", "workspace", "status", "user_id", "message_count", "updated_at")
    list_select_related = ("workspace",)
    list_filter = ("status", "workspace")
    search_fields = ("title",)
    search_help_text = "Part of the title"
    ordering = ("-updated_at", "-id")
    readonly_fields = (
        "id",
        "workspace",
        "owner_id",
        "created_by",
        "message_count",
        "created_at",
        "updated_at",
    )

    def save_model(self, request: HttpRequest, obj: Conversation, form: Any, change: bool) -> None:
        update_conversation(workspace_id=obj.workspace_id, conversation_id=obj.pk, changes=_changes(form))

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        delete_conversation(workspace_id=obj.workspace_id, conversation_id=obj.pk)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return _deletion(objs, {"messages": sum(conversation.message_count for conversation in objs)})


@admin.register(Message)
class MessageAdmin(SearchedAdmin):
    list_display = ("__str__", "role", "sender_id", "workspace", "created_at")
    list_select_related = ("workspace",)
    list_filter = ("workspace",)
    search_fields = ("content",)
    search_help_text = "Part of the text"
    ordering = ("-created_at", "-conversation", "-seq")
    fields = (
        "id",
        "workspace",
        "conversation",
        "seq",
        "role",
        "sender_id",
        "message_type",
        "content",
        "structured_content",
        "tool_calls",
        "attachments",
        "tags",
        "meta_data",
        "parent_message_id",
        "sent_at",
        "created_at",
        "updated_at",
        "checksum",
    )
    readonly_fields = (
        "id",
        "workspace",
        "conversation",
        "seq",
        "structured_content",
        "tool_calls",
        "attachments",
        "sent_at",
        "created_at",
        "updated_at",
        "checksum",
    )

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        update_message(workspace_id=obj.workspace_id, message_id=obj.pk, changes=_changes(form))

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        delete_message(workspace_id=obj.workspace_id, message_id=obj.pk)


def _changes(form: Any, without: Iterable[str] = ()) -> dict[str, Any]:
    """What a person changed in a form, as the services take it."""
    return {name: form.cleaned_data[name] for name in form.changed_data if name not in without}


def _become(obj: Any, row: Any) -> None:
    """Let the object that the admin holds be the row that a service made."""
    obj.__dict__.update(row.__dict__)


def _deletion(objs: Iterable[Any], counts: dict[str, int]) -> Deletion:
    """What the admin asks before it deletes: how many go, rather than a list of them all."""
    return [str(obj) for obj in objs], counts, set(), []
