"""The admin of messages: list, permalink, form and actions."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import F, QuerySet
from django.forms import CheckboxInput
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from messaging.content import items_in
from messaging.index.filters import Equal, Filter, Texts, is_conversation
from messaging.index.listing import Order
from messaging.models import Conversation, Message
from messaging.services import update_message

from .actions.exporting import Exportable
from .actions.messages import DELETE_MESSAGES, REDACT_MESSAGES, TAG_MESSAGES, UNTAG_MESSAGES
from .actions.row import CountedDeletion, Redactable
from .display import above
from .forms.saving import ServiceAdmin
from .forms.versioned import VersionedForm
from .lists.admin import ListAdmin
from .lists.filters import DateRangeFilter, RoleFilter, ValuesFilter
from .lists.highlight import excerpt, snippet
from .lists.lookup import LookupPage
from .lists.workspace_filter import WorkspaceFilter
from .roles import author_of
from .transcript import MessagePages, answers_to
from .typed import Context

ROLES = "user, assistant, system or tool; agents may use words of their own."
SENDER = "The author; of assistant and tool messages the end user whom they serve."
EDITABLE = ("role", "sender_id", "message_type", "content", "tags", "meta_data", "parent_message_id")
UNSHOWN = (
    *("content", "search_text", "structured_content", "tool_calls", "attachments", "meta_data"),
    "workspace__meta_data",
)
"""Columns that the list does not read, as they may be large."""


class MessageForm(VersionedForm[Message]):
    """Says what else a new text would change."""

    may_become_final = ("content",)  # by redaction

    class Meta:
        model = Message
        fields = "__all__"
        help_texts = {"role": ROLES, "sender_id": SENDER}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "content" in self.fields and (note := _consequences(self.instance)):
            self.fields["content"].help_text = note


def _consequences(message: Message) -> str:
    """What goes, or follows, when the text is changed."""
    items = items_in(message.structured_content)
    notes = []
    if items:
        kinds = ", ".join(sorted({item.type or "unknown" for item in items}))
        notes.append(
            f"It was sent as {len(items)} items ({kinds}): a new text replaces all of them, "
            "and images and files among them go for good."
        )
    if message.has_parts:
        notes.append(
            "A run wrote it in parts: a new text becomes the text or result among them; "
            "reasoning, calls, data and files stay."
        )
    return " ".join(notes)


class MessageValuesFilter(ValuesFilter):
    title = "exact values"
    narrows = {
        "sender": partial(Equal, "sender_id"),
        "tag": lambda tag: Texts.any_of("tags", [tag]),
        "agent": partial(Equal, "agent_id"),
        "run": partial(Equal, "run_id"),
        "conversation": partial(Equal, "conversation_id"),
        "type": partial(Equal, "message_type"),
    }


class ListedMessage(Protocol):
    """A message as `rows_of_list` reads it."""

    shown: str
    """The excerpt of its text."""
    tool: str | None
    """The name of the first function that it calls."""
    term: str


@admin.register(Message)
class MessageAdmin(
    MessagePages,
    Redactable[Message],
    Exportable[Message],
    CountedDeletion[Message],
    LookupPage[Message],
    ServiceAdmin[Message],
    ListAdmin[Message],
):
    row_action, deletion = REDACT_MESSAGES, DELETE_MESSAGES
    actions = (TAG_MESSAGES, UNTAG_MESSAGES, REDACT_MESSAGES, DELETE_MESSAGES, "export_as_jsonl")
    list_display = ("text", "author", "whereabouts", "created_at")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, RoleFilter, DateRangeFilter, MessageValuesFilter)
    search_fields = ("content",)
    search_help_text = "Part of the text, or an id of anything"
    sortable_by = ("created_at",)
    descending = merges_workspaces = True
    searched_column = "search_text"
    form = MessageForm
    fields = (
        *("id", "workspace", "conversation", "seq", "role", "sender_id", "message_type", "content"),
        *("structured_content", "tool_calls", "attachments", "tags", "meta_data", "parent_message_id"),
        *("sent_at", "created_at", "updated_at", "checksum"),
    )
    readonly_fields = tuple(name for name in fields if name not in EDITABLE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the API alone adds rows

    def order_of(self, filters: Sequence[Filter]) -> Order:
        if any(is_conversation(each) for each in filters):
            return Order(("seq",))
        return Order(("created_at", "conversation_id", "seq"), across=("id",))

    def rows_of_list(self, rows: QuerySet[Message], term: str) -> Iterable[Message]:
        shown = excerpt("content", "search_text", term.strip())
        tool = F("tool_calls__0__function__name")
        listed = list(rows.defer(*UNSHOWN).annotate(shown=shown, tool=tool))
        conversations = Conversation.objects.filter(
            workspace__in={row.workspace_id for row in listed}, pk__in={row.conversation_id for row in listed}
        )
        named = conversations.only("title").in_bulk()
        for row in listed:
            vars(row)["term"] = term.strip()
            row.conversation = named.get(row.conversation_id) or Conversation(pk=row.conversation_id)
        return listed

    @admin.display(description="Message")
    def text(self, message: ListedMessage) -> SafeString:
        if message.shown:
            return format_html('<span dir="auto">{}</span>', snippet(message.shown, message.term))
        instead = f"calls {message.tool}" if message.tool else "(no text)"
        return format_html('<span class="quiet">{}</span>', instead)

    @admin.display(description="From")
    def author(self, message: Message) -> SafeString:
        author = author_of(message)
        return above(message.role, author) if author else format_html("<bdi>{}</bdi>", message.role)

    @admin.display(description="Conversation")
    def whereabouts(self, message: Message) -> SafeString:
        return above(message.conversation, message.workspace)

    def action_checkbox(self, obj: Message) -> SafeString:
        """Labelled by columns that the list has read; the name of a message would read its whole content."""
        name = f"Select message {obj.seq} of {obj.conversation}"
        box = CheckboxInput({"class": "action-select", "aria-label": name}, lambda value: False)
        rendered: SafeString = box.render(ACTION_CHECKBOX_NAME, obj.pk)
        return rendered

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        is_redacted = obj is not None and obj.redacted_at
        return (*self.readonly_fields, "content") if is_redacted else self.readonly_fields

    def already(self, obj: Message) -> str:
        moment = obj.redacted_at
        when = date_format(localtime(moment), "DATETIME_FORMAT") if moment else ""
        return f"It is redacted already: what it said was taken out on {when}" if moment else ""

    def about_action(self, request: HttpRequest, obj: Message) -> Context:
        """`answers`: the messages that answer its tool calls; None where it makes none."""
        return {"answers": answers_to(obj, self.reader(request))}

    def update(self, obj: Message, **given: Any) -> None:
        update_message(workspace_id=obj.workspace_id, message_id=obj.pk, **given)
