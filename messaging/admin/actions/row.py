"""What is done to one row on a page that asks first: an action of the list, or the deletion."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext

from messaging.admin.pages import came_from
from messaging.admin.refusals import in_words
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
            context["row_action"] = (capfirst(self.row_action.verb), self.url(self.row_action.name, obj.pk))
        return super().render_change_form(request, context, *args, **kwargs)

    def action_view(
        self, request: HttpRequest, obj: Row, *, action: BulkAction | None = None
    ) -> HttpResponse:
        """Asks, and acts on POST; `next` is the page that follows. Does nothing twice."""
        back = came_from(request) or self.url("change", obj.pk)
        already, action = "" if action else self.already(obj), action or self.row_action
        form = action.form(request.POST if request.method == "POST" else None)
        names = {"verb": action.verb, "name": self.opts.verbose_name}
        if form.is_valid() and not already and (done := self.act(request, obj, action, form.cleaned_data)):
            return done
        return action.ask(
            self,
            request,
            only(obj),
            form,
            title=capfirst(gettext("%(verb)s %(name)s") % names),
            steps=[(str(obj), self.url("change", obj.pk))],
            already=already,
            back=back,
            next=came_from(request) or "",
            **self.about_action(request, obj),
        )

    def act(
        self, request: HttpRequest, obj: Row, action: BulkAction, given: Mapping[str, Any]
    ) -> HttpResponse | None:
        """Do it, and answer; None where it was refused, which is reported."""
        outcome = action.do(request.user, self.model, workspace_of(obj), [obj.pk], given)
        done = str(action.past).lower()
        if outcome.changed:
            names = {"name": self.opts.verbose_name, "done": done}
            self.message_user(request, gettext("The %(name)s was %(done)s.") % names, messages.SUCCESS)
            return HttpResponseRedirect(came_from(request) or self.url("change", obj.pk))
        reason = in_words(outcome.refused.get(obj.pk) or gettext("It is gone"))
        refused = gettext("Not %(done)s: %(reason)s.") % {"done": done, "reason": reason}
        self.message_user(request, refused, messages.ERROR)
        return None


class Redactable(RowAction[Row]):
    """Rows that can be redacted, by a permission of its own."""

    def has_redact_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return bool(request.user.has_perm(REDACT)) and self.has_view_permission(request, obj)


class CountedDeletion(StaffAdmin[Row]):
    """Counts what a deletion removes, where Django would load and list every row that goes."""

    deletion: BulkAction

    def get_deleted_objects(self, objs: Sequence[Row] | QuerySet[Row], request: HttpRequest) -> Deleted:
        [obj] = objs  # the page of a row; the action of the list counts by itself
        return (
            [str(obj)],
            {str(name): count for name, count in self.deletion.counts(only(obj)).items()},
            set(),
            [],
        )

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        outcome = self.deletion.perform(workspace_of(obj), [obj.pk])
        if not outcome.changed:
            raise outcome.refused.get(obj.pk) or NotFound
