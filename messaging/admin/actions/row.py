"""What is done to one row on a page that asks first: an action of the list, or the deletion."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern

from messaging.admin.pages import came_from
from messaging.admin.tenancy import StaffAdmin, only, workspace_of
from messaging.admin.typed import Context, Row
from messaging.exceptions import NotFound
from messaging.rights import REDACT

from .bulk import BulkAction

Deleted = tuple[list[str], dict[str, Any], set[str], list[str]]
"""What Django's page of a deletion shows: (rows, counts by plural name, missing rights, protected rows)."""


class RowAction(StaffAdmin[Row]):
    """An action of the list that a row has a page for: `<id>/<name of the action>/`, and a button."""

    row_action: BulkAction

    def may_act(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return bool(getattr(self, f"has_{self.row_action.permission}_permission")(request, obj))

    def already(self, obj: Row) -> str:
        """Why nothing is left to be done to it, if so."""
        return ""

    def about_action(self, request: HttpRequest, obj: Row) -> Context:
        """What else the page that asks shows."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        return [self.row_path(self.row_action.name, self.action_view, self.may_act), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj: Row | None = kwargs.get("obj")
        if obj is not None and not self.already(obj) and self.may_act(request, obj):
            context["row_action"] = (self.row_action.verb, self.url(self.row_action.name, obj.pk))
        return super().render_change_form(request, context, *args, **kwargs)

    def action_view(
        self, request: HttpRequest, obj: Row, *, action: BulkAction | None = None
    ) -> HttpResponse:
        """Asks, and acts on POST; `next` is the page that follows. Does nothing twice."""
        back = came_from(request) or self.url("change", obj.pk)
        already, action = "" if action else self.already(obj), action or self.row_action
        form = action.form(request.POST if request.method == "POST" else None)
        if form.is_valid() and not already and self._done(request, obj, action, form.cleaned_data):
            return HttpResponseRedirect(back)
        return action.ask(
            self,
            request,
            only(obj),
            form,
            title=f"{action.verb} {self.opts.verbose_name}",
            steps=[(str(obj), self.url("change", obj.pk))],
            already=already,
            back=back,
            next=came_from(request) or "",
            **self.about_action(request, obj),
        )

    def _done(self, request: HttpRequest, obj: Row, action: BulkAction, given: Mapping[str, object]) -> bool:
        """Do it, or report why not."""
        outcome = action.do(request.user, self.model, workspace_of(obj), [obj.pk], given)
        done = action.past.lower()
        if outcome.changed:
            self.message_user(request, f"The {self.opts.verbose_name} was {done}.", messages.SUCCESS)
        else:
            refusal = outcome.refused.get(obj.pk, "It is gone")
            self.message_user(request, f"Not {done}: {refusal}.", messages.ERROR)
        return bool(outcome.changed)


class Redactable(RowAction[Row]):
    """Rows that can be redacted, by a permission of its own."""

    def has_redact_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return bool(request.user.has_perm(REDACT)) and self.has_view_permission(request, obj)


class CountedDeletion(StaffAdmin[Row]):
    """Counts what a deletion removes, where Django would load and list every row that goes."""

    deletion: BulkAction

    def get_deleted_objects(self, objs: Sequence[Row] | QuerySet[Row], request: HttpRequest) -> Deleted:
        [obj] = objs  # the page of a row; the action of the list counts by itself
        return [str(obj)], dict(self.deletion.counts(only(obj))), set(), []

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        outcome = self.deletion.perform(workspace_of(obj), [obj.pk])
        if not outcome.changed:
            raise outcome.refused.get(obj.pk) or NotFound
