"""The admin of memories: list, form, where each comes from, and having it drawn anew."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.index.filters import Equal, Filter
from messaging.index.listing import Order
from messaging.models import Memory, MemoryRevision, MemorySource
from messaging.services import delete_memories, redraw_memories, update_memory
from messaging.values.choices import ActorKind, MemoryState

from .actions.bulk import BulkAction, Deletion
from .actions.row import CountedDeletion, RowAction
from .display import above
from .forms.saving import ServiceAdmin
from .lists.admin import ListAdmin
from .lists.filters import ValuesFilter
from .lists.workspace_filter import WorkspaceFilter
from .pages import may_be_key

EDITABLE = ("memory", "memory_type", "topics", "metadata")
ORIGIN = ("drawn_by", "sources", "history", "version", "created_at", "updated_at", "id")

REDRAW = BulkAction(
    name="redraw",
    verb=_("Draw anew"),
    past=_("Drawn anew"),
    perform=lambda workspace, ids: redraw_memories(workspace_id=workspace, memory_ids=ids),
    permission="redraw",
    warning=_(
        "What it says and its history go now; a worker draws it anew from the messages that it came from. One"
        " that was written, and not drawn, stays as it is."
    ),
    is_destructive=True,
    logged=_("To be drawn anew."),
)
DELETE_MEMORIES = Deletion(
    perform=lambda workspace, ids: delete_memories(workspace_id=workspace, memory_ids=ids),
)


class MemoryValuesFilter(ValuesFilter):
    title = _("exact values")
    narrows = {"user": partial(Equal, "user_id"), "type": partial(Equal, "memory_type")}
    labels = {"user": _("User"), "type": _("Type")}


@admin.register(Memory)
class MemoryAdmin(RowAction[Memory], CountedDeletion[Memory], ServiceAdmin[Memory], ListAdmin[Memory]):
    row_action, deletion = REDRAW, DELETE_MEMORIES
    actions = (REDRAW, DELETE_MEMORIES)
    list_display = ("text", "whose", "origin", "updated_at")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, "state", MemoryValuesFilter)
    search_fields = ("memory",)
    search_help_text = _("Part of the text, or an id of anything")
    sortable_by = ("updated_at",)
    descending = True
    searched_column = "search_text"
    fields = ("workspace", "user_id", *EDITABLE, "state", *ORIGIN)
    readonly_fields = ("workspace", "user_id", "state", *ORIGIN)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the API and the extractors alone add rows

    def has_change_permission(self, request: HttpRequest, obj: Memory | None = None) -> bool:
        """A hidden one holds no words that could be corrected."""
        is_hidden = obj is not None and obj.state == MemoryState.HIDDEN
        return not is_hidden and super().has_change_permission(request, obj)

    def has_redraw_permission(self, request: HttpRequest, obj: Memory | None = None) -> bool:
        return request.user.has_perm("parley.redraw_memory") and self.has_view_permission(request)

    def order_of(self, filters: Sequence[Filter]) -> Order:
        return Order(("updated_at", "id"))

    def rows_of_list(self, rows: QuerySet[Memory], term: str) -> Iterable[Memory]:
        return rows.defer("search_text", "metadata", "embedding", "workspace__meta_data")

    def already(self, obj: Memory) -> str:
        if obj.state == MemoryState.HIDDEN:
            return gettext("It waits to be drawn anew already")
        if not _sources_of(obj).exists():
            return gettext("It was written, and not drawn from messages")
        return ""

    @admin.display(description=_("Memory"))
    def text(self, memory: Memory) -> SafeString:
        shown = str(memory) if memory.memory else gettext("(hidden until it is drawn anew)")
        return above(shown, ", ".join(memory.topics or ()))

    @admin.display(description=_("User"))
    def whose(self, memory: Memory) -> SafeString:
        return above(memory.user_id, memory.workspace)

    @admin.display(description=_("Drawn by"))
    def origin(self, memory: Memory) -> str:
        return memory.extractor or gettext("written")

    @admin.display(description=_("Drawn by"))
    def drawn_by(self, memory: Memory) -> str:
        """The extractor, and its version."""
        return f"{memory.extractor} {memory.extractor_version}" if memory.extractor else gettext("written")

    @admin.display(description=_("Drawn from"), empty_value="-")
    def sources(self, memory: Memory) -> SafeString:
        """The messages that it came from, each with its address."""
        ids = _sources_of(memory).order_by("pk").values_list("message_id", flat=True)
        links = ((reverse("admin:parley_message_change", args=[pk]), pk) for pk in ids)
        return format_html_join(SafeString("<br>"), '<a href="{}">{}</a>', links)

    @admin.display(description=_("History"), empty_value="-")
    def history(self, memory: Memory) -> SafeString:
        """What it said, the latest first, since when, and by whom."""
        revisions = MemoryRevision.objects.for_workspace(memory.workspace_id).filter(memory=memory.pk)
        listed = list(revisions.order_by("-version"))
        people = _people_of(listed)
        rows = (
            (date(localtime(row.created_at), "DATETIME_FORMAT"), _done(row, people), row.text)
            for row in listed
        )
        return format_html_join(SafeString("<br>"), '{}, {}: <span dir="auto">{}</span>', rows)

    def update(self, obj: Memory, **given: Any) -> None:
        update_memory(workspace_id=obj.workspace_id, memory_id=obj.pk, **given)


def _people_of(revisions: Iterable[MemoryRevision]) -> dict[str, str]:
    """The names of the staff who wrote these, by their ids."""
    ids = {row.actor_id for row in revisions if row.actor_kind == ActorKind.STAFF and row.actor_id}
    users = get_user_model()
    people = users._default_manager.filter(pk__in=[each for each in ids if may_be_key(users, each)])
    return {str(person.pk): person.get_username() for person in people}


def _done(row: MemoryRevision, people: Mapping[str, str]) -> str:
    """What became of a memory, and who or what did it, where that is known."""
    who = row.extractor or row.actor_id
    if row.actor_kind == ActorKind.STAFF and who:
        who = people.get(who, who)
    action = str(row.get_action_display())
    return gettext("%(action)s by %(who)s") % {"action": action, "who": who} if who else action


def _sources_of(memory: Memory) -> QuerySet[MemorySource]:
    return MemorySource.objects.for_workspace(memory.workspace_id).filter(memory=memory.pk)
