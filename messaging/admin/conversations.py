"""The admin of conversations: list, transcript, form and actions."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.index.filters import Equal, Filter, Texts
from messaging.index.listing import Order
from messaging.models import Conversation
from messaging.services import update_conversation

from .actions.conversations import DELETE_CONVERSATIONS, REDACT_CONVERSATIONS, STATUS_ACTIONS
from .actions.exporting import Exportable
from .actions.importing import ImportPage
from .actions.row import CountedDeletion, Redactable
from .display import above, below
from .forms.saving import ServiceAdmin
from .forms.versioned import VersionedForm
from .lists.admin import ListAdmin
from .lists.filters import DateRangeFilter, ValuesFilter
from .lists.highlight import highlight
from .lists.workspace_filter import WorkspaceFilter
from .transcript import TranscriptPages

KEPT = "Kept for the application. It changes nothing about who may read the conversation."


class ConversationForm(VersionedForm[Conversation]):
    class Meta:
        model = Conversation
        fields = "__all__"
        help_texts = {"is_public": KEPT, "collections": f"{KEPT} Separated by commas, or one on each line."}


class ActivityFilter(DateRangeFilter):
    """By the day of the latest activity, which the list is ordered by."""

    title = "last activity"
    column = "updated_at"


class ConversationValuesFilter(ValuesFilter):
    title = "exact values"
    narrows = {
        "user": partial(Equal, "user_id"),
        "collection": lambda collection: Texts.any_of("collections", [collection]),
    }


@admin.register(Conversation)
class ConversationAdmin(
    TranscriptPages,
    Redactable[Conversation],
    Exportable[Conversation],
    ImportPage,
    CountedDeletion[Conversation],
    ServiceAdmin[Conversation],
    ListAdmin[Conversation],
):
    row_action, deletion = REDACT_CONVERSATIONS, DELETE_CONVERSATIONS
    actions = (*STATUS_ACTIONS, REDACT_CONVERSATIONS, DELETE_CONVERSATIONS, "export_as_jsonl")
    list_display = ("named", "user_and_status", "messages", "updated_at")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, "status", ActivityFilter, ConversationValuesFilter)
    search_fields = ("title",)
    search_help_text = "Part of the title, or an id of anything"
    sortable_by = ("updated_at",)
    descending = merges_workspaces = True
    searched_column = "search_title"
    form = ConversationForm
    readonly_fields = (
        "id",
        "workspace",
        "owner_id",
        "created_by",
        "message_count",
        "created_at",
        "updated_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the API alone adds rows

    def order_of(self, filters: Sequence[Filter]) -> Order:
        return Order(("updated_at", "id"), across=("id",))

    def rows_of_list(self, rows: QuerySet[Conversation], term: str) -> Iterator[Conversation]:
        unshown = ("summary", "search_title", "meta_data", "settings", "workspace__meta_data")
        for row in rows.defer(*unshown):
            vars(row)["term"] = term.strip()
            yield row

    @admin.display(description="Conversation")
    def named(self, conversation: Conversation) -> SafeString:
        title = highlight(str(conversation), vars(conversation)["term"])
        return format_html('<span dir="auto">{}</span>{}', title, below(conversation.workspace))

    @admin.display(description="User, status")
    def user_and_status(self, conversation: Conversation) -> SafeString:
        user = conversation.user_id or self.get_empty_value_display()
        return above(user, conversation.get_status_display())

    @admin.display(description="Messages")
    def messages(self, conversation: Conversation) -> str:
        return f"{conversation.message_count:,}"

    def update(self, obj: Conversation, **given: Any) -> None:
        update_conversation(workspace_id=obj.workspace_id, conversation_id=obj.pk, **given)
