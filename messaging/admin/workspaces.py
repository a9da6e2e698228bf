"""The admin of workspaces: list with figures, form with memberships, dashboard."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Aggregate, Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.forms import BaseFormSet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.index.filters import Filter
from messaging.index.listing import Order
from messaging.models import ApiKey, Conversation, Membership, Workspace
from messaging.rights import reachable_workspaces
from messaging.services import create_workspace, update_workspace
from messaging.values.words import grouped

from .actions.conversations import DELETE_WORKSPACES
from .actions.row import CountedDeletion
from .dashboard.page import DashboardPage
from .forms.saving import ServiceAdmin
from .lists.admin import ListAdmin
from .memberships import MembershipInline
from .typed import StrOrPromise, TypedForm


def number(name: str, label: StrOrPromise) -> Callable[[Workspace], str]:
    """A column of one of the numbers that `with_figures` reads."""

    @admin.display(description=label)
    def shown(workspace: Workspace) -> str:
        return grouped(getattr(workspace, name))

    return shown


@admin.display(description=_("Last activity"))
def last_activity(workspace: Workspace) -> str:
    moment: datetime | None = getattr(workspace, "last_activity")  # noqa: B009, an annotation
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else gettext("never")


FIGURES: tuple[Any, ...] = (  # columns may be functions, which the stubs do not allow
    number("conversation_total", _("Conversations")),
    number("message_total", _("Messages")),
    number("active_keys", _("Active keys")),
    number("members", _("Members")),
    last_activity,
)


def with_figures(workspaces: QuerySet[Workspace]) -> QuerySet[Workspace]:
    """These workspaces, each with what FIGURES show, in the one statement that reads them."""
    conversations = Conversation.objects.filter(workspace=OuterRef("pk"))
    return workspaces.annotate(
        conversation_total=_total(conversations, Count("pk")),
        message_total=_total(conversations, Sum("message_count")),
        active_keys=_total(ApiKey.objects.active().filter(workspace=OuterRef("pk")), Count("pk")),
        members=_total(Membership.objects.filter(workspace=OuterRef("pk")), Count("pk")),
        last_activity=Subquery(conversations.order_by("-updated_at").values("updated_at")[:1]),
    )


def _total(rows: QuerySet[Any], figure: Aggregate) -> Coalesce:
    """An aggregate over the rows of one workspace, 0 where it has none."""
    of_one = rows.order_by().values("workspace").annotate(figure=figure).values("figure")
    return Coalesce(Subquery(of_one), 0)


@admin.register(Workspace)
class WorkspaceAdmin(
    DashboardPage, CountedDeletion[Workspace], ServiceAdmin[Workspace], ListAdmin[Workspace]
):
    deletion = DELETE_WORKSPACES
    actions = (DELETE_WORKSPACES,)
    list_display = ("name", "slug", *FIGURES)
    search_fields = ("name", "slug", "id")
    search_help_text = _("Part of name or slug, or an id of anything")
    fields = ("name", "slug", "meta_data", "id", *FIGURES, "created_at", "updated_at")
    readonly_fields = ("id", *FIGURES, "created_at", "updated_at")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)

    def order_of(self, filters: Sequence[Filter]) -> Order:
        return Order(("name", "id"))

    def rows_of_list(self, rows: QuerySet[Workspace], term: str) -> QuerySet[Workspace]:
        return with_figures(rows.defer("meta_data"))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Workspace | None:
        workspace = super().get_object(request, object_id, from_field)
        if workspace is not None:
            vars(workspace).update(vars(with_figures(Workspace.objects.filter(pk=workspace.pk)).get()))
        return workspace

    def create(self, request: HttpRequest, obj: Workspace, form: TypedForm[Workspace]) -> Workspace:
        return create_workspace(name=obj.name, slug=obj.slug, meta_data=obj.meta_data)

    def update(self, obj: Workspace, **given: Any) -> None:
        update_workspace(workspace_id=obj.pk, **given)

    def save_related(
        self,
        request: HttpRequest,
        form: TypedForm[Workspace],
        formsets: "Sequence[BaseFormSet[Any]]",
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        if not change and reachable_workspaces(request.user) is not None:
            # Membership is what shows a workspace to people without the right to all of them.
            Membership.objects.get_or_create(user_id=request.user.pk or 0, workspace=form.instance)
