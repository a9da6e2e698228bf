"""The admin of conversations: list, transcript, form and actions."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from messaging.index.filters import Equal, Filter, Texts
from messaging.index.listing import Order
from messaging.models import Conversation, ConversationQuerySet, name_untitled
from messaging.services import update_conversation
from messaging.values.words import grouped

from .actions.conversations import DELETE_CONVERSATIONS, REDACT_CONVERSATIONS, STATUS_ACTIONS
from .actions.exporting import Exportable
from .actions.importing import ImportPage
from .actions.row import CountedDeletion, Redactable
from .display import above, below
from .forms.fields import SEPARATED
from .forms.saving import ServiceAdmin
from .forms.versioned import VersionedForm
from .lists.admin import ListAdmin
from .lists.filters import DateRangeFilter, ValuesFilter
from .lists.highlight import highlight
from .lists.workspace_filter import WorkspaceFilter
from .transcript import TranscriptPages

SEARCHED = _(
    "Part of the title, summary, user, meta data or settings; or an id of anything. What messages say is "
    "searched in the list of messages."
)
KEPT = _("Kept for the application. It changes nothing about who may read the conversation.")
COLLECTIONS = format_lazy("{} {}", KEPT, SEPARATED)


class ConversationForm(VersionedForm[Conversation]):
    class Meta:
        model = Conversation
        fields = "__all__"
        help_texts = {"is_public": KEPT, "collections": COLLECTIONS}


class ActivityFilter(DateRangeFilter):
    """By the day of the latest activity, which the list is ordered by."""

    title = _("last activity")
    column = "updated_at"


class ConversationValuesFilter(ValuesFilter):
    title = _("exact values")
    narrows = {
        "user": partial(Equal, "user_id"),
        "external_id": partial(Equal, "external_id"),
        "collection": lambda collection: Texts.any_of("collections", [collection]),
    }
    labels = {"user": _("User"), "external_id": _("External id"), "collection": _("Collection")}


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
    search_help_text = SEARCHED
    sortable_by = ("updated_at",)
    descending = merges_workspaces = True
    searched_column, searched_other = "search_title", "search_other"
    form = ConversationForm
    readonly_fields = (
        "id",
        "external_id",
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
        unshown = ("summary", "search_title", "search_other", "meta_data", "settings", "workspace__meta_data")
        listed = list(rows.defer(*unshown))
        name_untitled(listed)
        for row in listed:
            vars(row)["term"] = term.strip()
            yield row

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Conversation | None:
        row = super().get_object(request, object_id, from_field)
        name_untitled([row] if row else [])
        return row

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        rows, may_repeat = super().get_search_results(request, queryset, search_term)
        is_choice = "field_name" in request.GET  # what Django's own field for a foreign key asks with
        return (cast("ConversationQuerySet", rows).with_first_line() if is_choice else rows), may_repeat

    @admin.display(description=_("Conversation"))
    def named(self, conversation: Conversation) -> SafeString:
        title = highlight(str(conversation), vars(conversation)["term"])
        return format_html('<span dir="auto">{}</span>{}', title, below(conversation.workspace))

    @admin.display(description=_("User, status"))
    def user_and_status(self, conversation: Conversation) -> SafeString:
        user = conversation.user_id or self.get_empty_value_display()
        return above(user, conversation.get_status_display())

    @admin.display(description=_("Messages"))
    def messages(self, conversation: Conversation) -> str:
        return grouped(conversation.message_count)

    def update(self, obj: Conversation, **given: Any) -> None:
        update_conversation(workspace_id=obj.workspace_id, conversation_id=obj.pk, **given)
