"""The admin of messages: list, permalink, form and actions."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import F, QuerySet, TextField, Value
from django.forms import CheckboxInput
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from messaging.content import items_in
from messaging.index.filters import Equal, Filter, Texts, is_conversation
from messaging.index.listing import Order
from messaging.models import Conversation, Message, name_untitled
from messaging.services import update_message
from messaging.values.text import fold

from .actions.exporting import Exportable
from .actions.messages import DELETE_MESSAGES, REDACT_MESSAGES, TAG_MESSAGES, UNTAG_MESSAGES
from .actions.row import CountedDeletion, Redactable
from .display import above, below
from .forms.saving import ServiceAdmin
from .forms.versioned import VersionedForm
from .lists.admin import ListAdmin
from .lists.filters import DateRangeFilter, RoleFilter, ValuesFilter
from .lists.highlight import excerpt, snippet
from .lists.lookup import LookupPage
from .lists.workspace_filter import WorkspaceFilter
from .roles import author_of
from .transcript import MessagePages, answers_to, calls_of
from .typed import Context

ROLES = _("user, assistant, system or tool; agents may use words of their own.")
SENDER = _("The author; of assistant and tool messages the end user whom they serve.")
SEARCHED = _(
    "Part of the text, of arguments and results of tools, attachments, reasoning, data or meta data; or an "
    "id of anything. Not searched: names of fields, stored files, and what follows the first 64 KiB of a "
    "message. Titles, summaries and users are searched in the list of conversations."
)
EDITABLE = ("role", "sender_id", "message_type", "content", "tags", "meta_data", "parent_message_id")
UNSHOWN = (
    *(
        "content",
        "search_text",
        "search_other",
        "structured_content",
        "tool_calls",
        "attachments",
        "meta_data",
    ),
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
        kinds = ", ".join(sorted({item.type or gettext("unknown") for item in items}))
        sent = ngettext(
            "It was sent as %(count)s item (%(kinds)s): a new text replaces it, and an image or file goes"
            " for good.",
            "It was sent as %(count)s items (%(kinds)s): a new text replaces all of them, and images and"
            " files among them go for good.",
            len(items),
        )
        notes.append(sent % {"count": len(items), "kinds": kinds})
    if message.has_parts:
        notes.append(
            gettext(
                "A run wrote it in parts: a new text becomes the text or result among them; reasoning, calls,"
                " data and files stay."
            )
        )
    return " ".join(notes)


class MessageValuesFilter(ValuesFilter):
    title = _("exact values")
    narrows = {
        "sender": partial(Equal, "sender_id"),
        "tag": lambda tag: Texts.any_of("tags", [tag]),
        "agent": partial(Equal, "agent_id"),
        "run": partial(Equal, "run_id"),
        "conversation": partial(Equal, "conversation_id"),
        "type": partial(Equal, "message_type"),
    }
    labels = {
        "sender": _("Sender"),
        "tag": _("Tag"),
        "agent": _("Agent"),
        "run": _("Run"),
        "conversation": _("Conversation"),
        "type": _("Type"),
    }


class ListedMessage(Protocol):
    """A message as `rows_of_list` reads it."""

    shown: str
    """The excerpt of its text."""
    tool: str | None
    """The name of the first function that it calls."""
    other: str | None
    """What else was found in it."""
    term: str


def _shown(message: ListedMessage) -> SafeString:
    """The text of a message in the list, or what stands for it."""
    if message.shown:
        return format_html('<span dir="auto">{}</span>', snippet(message.shown, message.term))
    calls = gettext("calls %(tool)s") % {"tool": message.tool}
    instead = calls if message.tool else gettext("(no text)")
    return format_html('<span class="quiet">{}</span>', instead)


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
    search_help_text = SEARCHED
    sortable_by = ("created_at",)
    descending = merges_workspaces = True
    searched_column, searched_other = "search_text", "search_other"
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
        sought = term.strip()
        shown = excerpt("content", "search_text", sought)
        other = excerpt("search_other", "search_other", sought) if sought else Value(None, TextField())
        tool = F("tool_calls__0__function__name")
        listed = list(rows.defer(*UNSHOWN).annotate(shown=shown, other=other, tool=tool))
        conversations = Conversation.objects.filter(
            workspace__in={row.workspace_id for row in listed}, pk__in={row.conversation_id for row in listed}
        )
        named = conversations.only("title", "workspace_id").in_bulk()
        name_untitled(named.values())
        for row in listed:
            vars(row)["term"] = term.strip()
            row.conversation = named.get(row.conversation_id) or Conversation(pk=row.conversation_id)
        return listed

    @admin.display(description=_("Message"))
    def text(self, message: ListedMessage) -> SafeString:
        sought = fold(message.term)
        if sought and message.other and sought not in fold(message.shown) and sought in message.other:
            return format_html("{}{}", _shown(message), below(snippet(message.other, message.term)))
        return _shown(message)

    @admin.display(description=pgettext_lazy("author", "From"))
    def author(self, message: Message) -> SafeString:
        author = author_of(message)
        return above(message.role, author) if author else format_html("<bdi>{}</bdi>", message.role)

    @admin.display(description=_("Conversation"))
    def whereabouts(self, message: Message) -> SafeString:
        return above(message.conversation, message.workspace)

    def action_checkbox(self, obj: Message) -> SafeString:
        """Labelled by columns that the list has read; the name of a message would read its whole content."""
        named = {"seq": obj.seq, "conversation": obj.conversation}
        name = gettext("Select message %(seq)s of %(conversation)s") % named
        box = CheckboxInput({"class": "action-select", "aria-label": name}, lambda value: False)
        rendered: SafeString = box.render(ACTION_CHECKBOX_NAME, obj.pk)
        return rendered

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        is_redacted = obj is not None and obj.redacted_at
        return (*self.readonly_fields, "content") if is_redacted else self.readonly_fields

    def render_change_form(
        self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj: Message | None = kwargs.get("obj")
        name_untitled([obj.conversation] if obj else [])
        return super().render_change_form(request, context, *args, **kwargs)

    def already(self, obj: Message) -> str:
        if obj.redacted_at is None:
            return ""
        when = date_format(localtime(obj.redacted_at), "DATETIME_FORMAT")
        return gettext("It is redacted already: what it said was taken out on %(when)s") % {"when": when}

    def about_action(self, request: HttpRequest, obj: Message) -> Context:
        """`answers`: the messages that answer its tool calls; None where it makes none. `calls`: those whose
        calls it answers; None where it answers none."""
        reader = self.reader(request)
        return {"answers": answers_to(obj, reader), "calls": calls_of(obj, reader)}

    def update(self, obj: Message, **given: Any) -> None:
        update_message(workspace_id=obj.workspace_id, message_id=obj.pk, **given)
