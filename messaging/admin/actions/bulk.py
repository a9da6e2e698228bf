"""Actions on many rows: confirmed on a page, done in batches, reported by count and reason."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, TypeVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE, DELETION
from django.contrib.admin.utils import model_format_dict
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from messaging.admin.log import ChangeMessage, log_ids
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context
from messaging.models import Workspace
from messaging.services import BulkOutcome
from messaging.services.batches import BATCH
from messaging.services.transactions import atomic

__all__ = ["BulkAction", "DeleteAction"]

REASONS_SHOWN = 5

Rows = TypeVar("Rows", bound=QuerySet[Any])


class BulkAction(Generic[Rows]):
    """An action of a changelist. Subclasses define what is done to the rows of one workspace.

    "Select all" covers every row that the list matches and that was neither added nor changed since the page
    asked. Each batch is a transaction of its own: a later failure does not undo it, and the action may be
    repeated.
    """

    name = ""
    description = ""
    permission = "change"
    """Of the admin class: `has_<permission>_permission` decides who may."""
    past = "Changed"
    """First word of the report."""
    warning = ""
    """What cannot be undone, if anything."""
    is_destructive = False
    action_flag = CHANGE
    batch_size = BATCH
    is_atomic = True
    """Whether a batch and its log entries are one transaction."""
    do_not_call_in_templates = True
    form: type[forms.Form] = forms.Form
    """What the person decides beforehand, if anything."""

    def __init__(self) -> None:
        self.__name__ = self.name
        self.short_description = self.description
        self.verb = self.description.partition(" ")[0]
        self.allowed_permissions = (self.permission,)

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        """Do it to these rows of a workspace; `given` holds the cleaned values of the form."""
        raise NotImplementedError

    def change_message(self, given: Mapping[str, Any]) -> ChangeMessage:
        """The entry of the log for each row."""
        return self.past

    def counts(self, queryset: Rows) -> Mapping[str, int]:
        """How many rows it affects, by plural name."""
        return {str(queryset.model._meta.verbose_name_plural): queryset.count()}

    def __call__(
        self, modeladmin: StaffAdmin[Any], request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        across = request.POST.get("select_across") == "1"
        asked_at = _moment(request.POST.get("asked_at", "")) or timezone.now()
        rows = cast(Rows, queryset.filter(updated_at__lte=asked_at) if across else queryset)
        form = self.form(request.POST if "post" in request.POST else None)
        if form.is_valid():
            self._report(modeladmin, request, *self._run(request, rows, form.cleaned_data))
            return None
        asked = {"select_across": across, "asked_at": asked_at.isoformat(), "ids": _ids(request, across)}
        return self._ask(modeladmin, request, rows, form, asked)

    def _ask(
        self,
        modeladmin: StaffAdmin[Any],
        request: HttpRequest,
        rows: Rows,
        form: forms.Form,
        asked: Context,
    ) -> HttpResponse:
        title = self.description % model_format_dict(modeladmin.opts)
        context = {
            **asked,
            "action": self,
            "form": form,
            "counts": self.counts(rows).items(),
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "media": modeladmin.media + form.media,
        }
        return modeladmin.page(request, "bulk_action", title, **context)

    def _run(self, request: HttpRequest, rows: Rows, given: Mapping[str, Any]) -> tuple[int, BulkOutcome]:
        """(number of rows, outcome)."""
        total, outcome = 0, BulkOutcome()
        for workspace_id, ids in _by_workspace(rows, self.batch_size):
            with atomic() if self.is_atomic else nullcontext():
                done = self.perform(workspace_id=workspace_id, ids=ids, given=given)
                message = self.change_message(given)
                log_ids(request.user, rows.model, done.changed, self.action_flag, message)
            total += len(ids)
            outcome.add(done)
        return total, outcome

    def _report(
        self, modeladmin: StaffAdmin[Any], request: HttpRequest, total: int, outcome: BulkOutcome
    ) -> None:
        done, refused = len(outcome.changed), len(outcome.refused)
        rest = total - done - refused
        text = f"{self.past} {done:,} of {total:,} {modeladmin.opts.verbose_name_plural}."
        if rest:
            text += f" {rest:,} needed no change."
        modeladmin.message_user(request, text, messages.SUCCESS if done or not refused else messages.WARNING)
        for line in _refusals(outcome):
            modeladmin.message_user(request, line, messages.WARNING)


class DeleteAction(BulkAction[Rows]):
    """Replaces Django's own action of this name, which would load and list every row that goes."""

    name = "delete_selected"
    description = "Delete selected %(verbose_name_plural)s"
    permission = "delete"
    past = "Deleted"
    warning = "This cannot be undone."
    is_destructive = True
    action_flag = DELETION

    def change_message(self, given: Mapping[str, Any]) -> ChangeMessage:
        return ""


def _ids(request: HttpRequest, across: bool) -> list[str]:
    """The ids that the page carries: one is enough for Django where all rows of the list are chosen."""
    ids = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
    return ids[:1] if across else ids


def _refusals(outcome: BulkOutcome) -> Iterator[str]:
    """How many rows were refused for which reason, the most frequent reasons first."""
    reasons = Counter(str(error) for error in outcome.refused.values()).most_common()
    for reason, count in reasons[:REASONS_SHOWN]:
        yield f"{count:,} refused: {reason}."
    if further := sum(count for _, count in reasons[REASONS_SHOWN:]):
        yield f"{further:,} more refused for other reasons."


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _by_workspace(rows: QuerySet[Any], size: int) -> Iterator[tuple[str, list[str]]]:
    """The ids of the rows in batches, each of one workspace.

    Keyset paging by primary key keeps memory flat, and a row that leaves the list by its change shifts no
    other.
    """
    column = "pk" if rows.model is Workspace else "workspace_id"
    keys = rows.order_by("pk").values_list("pk", column)
    last = ""
    while batch := list(keys.filter(pk__gt=last)[:size]):
        last = batch[-1][0]
        ordered = sorted(batch, key=itemgetter(1, 0))
        for workspace_id, group in groupby(ordered, key=itemgetter(1)):
            yield workspace_id, [pk for pk, _ in group]
