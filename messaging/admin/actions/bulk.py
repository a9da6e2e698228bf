"""Actions on many rows: asked once more before they begin, done in batches, reported by count and reason."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE
from django.contrib.admin.utils import model_format_dict
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from messaging.admin.log import log_ids
from messaging.models import Workspace
from messaging.services import BulkOutcome
from messaging.services.batches import BATCH
from messaging.services.transactions import atomic

__all__ = ["BulkAction"]

REASONS_SHOWN = 5


class BulkAction:
    """An action of a changelist. Subclasses say what is done to the rows of one workspace.

    With "select all" it is done to every row that the list finds and that has not come or changed since the
    page asked. Each batch is a transaction of its own: what is done stays done if a later one fails, and the
    action may be repeated.
    """

    name = ""
    description = ""
    permission = "change"
    """Of the admin class: `has_<permission>_permission` decides who may."""
    past = "Changed"
    """How the report begins."""
    warning = ""
    """What cannot be undone, if anything."""
    is_destructive = False
    action_flag = CHANGE
    batch_size = BATCH
    is_atomic = True
    """Whether a batch and its log entries are one transaction."""
    do_not_call_in_templates = True
    form: type[forms.Form] = forms.Form
    """What has to be said beforehand, if anything."""

    def __init__(self) -> None:
        self.__name__ = self.name
        self.short_description = self.description
        self.verb = self.description.partition(" ")[0]
        self.allowed_permissions = (self.permission,)

    def perform(self, *, workspace_id: str, ids: Collection[str], given: Mapping[str, Any]) -> BulkOutcome:
        """Do it to these rows of a workspace; `given` is what the form says."""
        raise NotImplementedError

    def change_message(self, given: Mapping[str, Any]) -> Any:
        """What the log says of each row."""
        return self.past

    def counts(self, queryset: Any) -> Mapping[str, int]:
        """How much it is about, by plural name."""
        return {str(queryset.model._meta.verbose_name_plural): queryset.count()}

    def __call__(self, modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        across = request.POST.get("select_across") == "1"
        asked_at = _moment(request.POST.get("asked_at", "")) or timezone.now()
        rows = queryset.filter(updated_at__lte=asked_at) if across else queryset
        form = self.form(request.POST if "post" in request.POST else None)
        if form.is_valid():
            self._report(modeladmin, request, *self._run(request, rows, form.cleaned_data))
            return None
        return self._ask(modeladmin, request, rows, form, across, asked_at)

    def _ask(self, modeladmin: Any, request: HttpRequest, rows: Any, form: Any, *way: Any) -> HttpResponse:
        across, asked_at = way
        ids = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": self.description % model_format_dict(modeladmin.opts),
            "opts": modeladmin.opts,
            "action": self,
            "form": form,
            "counts": self.counts(rows).items(),
            "select_across": across,
            "asked_at": asked_at.isoformat(),
            "ids": ids[:1] if across else ids,
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "media": modeladmin.media + form.media,
        }
        return TemplateResponse(request, "admin/parley/bulk_action.html", context)

    def _run(self, request: HttpRequest, rows: Any, given: Mapping[str, Any]) -> tuple[int, BulkOutcome]:
        """(how many rows there were, what became of them)."""
        total, outcome = 0, BulkOutcome()
        for workspace_id, ids in _by_workspace(rows, self.batch_size):
            with atomic() if self.is_atomic else nullcontext():
                done = self.perform(workspace_id=workspace_id, ids=ids, given=given)
                message = self.change_message(given)
                log_ids(request.user, rows.model, done.changed, self.action_flag, message)
            total += len(ids)
            outcome.add(done)
        return total, outcome

    def _report(self, modeladmin: Any, request: HttpRequest, total: int, outcome: BulkOutcome) -> None:
        done, refused = len(outcome.changed), len(outcome.refused)
        rest = total - done - refused
        text = f"{self.past} {done:,} of {total:,} {modeladmin.opts.verbose_name_plural}."
        if rest:
            text += f" {rest:,} needed no change."
        modeladmin.message_user(request, text, messages.SUCCESS if done or not refused else messages.WARNING)
        reasons = Counter(str(error) for error in outcome.refused.values())
        for reason, count in reasons.most_common(REASONS_SHOWN):
            modeladmin.message_user(request, f"{count:,} refused: {reason}.", messages.WARNING)
        if len(reasons) > REASONS_SHOWN:
            further = sum(count for _, count in reasons.most_common()[REASONS_SHOWN:])
            modeladmin.message_user(request, f"{further:,} more refused for other reasons.", messages.WARNING)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _by_workspace(rows: Any, size: int) -> Iterator[tuple[str, list[str]]]:
    """The ids of the rows in batches, each of one workspace.

    Walked by primary key: memory stays flat, and a row that its change takes out of the list shifts no other.
    """
    column = "pk" if rows.model is Workspace else "workspace_id"
    found = rows.order_by("pk").values_list("pk", column)
    last = ""
    while batch := list(found.filter(pk__gt=last)[:size]):
        last = batch[-1][0]
        ordered = sorted(batch, key=itemgetter(1, 0))
        for workspace_id, group in groupby(ordered, key=itemgetter(1)):
            yield workspace_id, [pk for pk, _ in group]
