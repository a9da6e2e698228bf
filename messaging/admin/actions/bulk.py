"""Actions on many rows: confirmed on a page, done in batches, reported by count and reason."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE, DELETION
from django.contrib.admin.utils import model_format_dict
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.log import ChangeMessage, log
from messaging.admin.refusals import in_words
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context, StrOrPromise
from messaging.exceptions import NotFound, ParleyError, Referred
from messaging.models import Workspace
from messaging.rights import Person
from messaging.services import BulkOutcome
from messaging.services.bulk import BATCH
from messaging.services.transactions import atomic
from messaging.values.words import grouped

REASONS_SHOWN = 5

Given = Mapping[str, Any]
"""The cleaned values of a form."""


def counted(rows: QuerySet[Any]) -> Mapping[StrOrPromise, Any]:
    """The number of rows, under their plural name."""
    return {str(rows.model._meta.verbose_name_plural): rows.count()}


@dataclass(kw_only=True, eq=False)
class BulkAction:
    """An action of a list.

    "Select all" covers every row that the list matches and that was neither added nor changed since the page
    asked. Each batch is a transaction of its own: a later failure does not undo it, and the action may be
    repeated.
    """

    name: str
    verb: StrOrPromise
    """What it does, as its buttons say; in lower case where the language has the object first."""
    past: StrOrPromise
    """What was done, as a report says."""
    perform: Callable[..., BulkOutcome]
    """`perform(workspace_id, ids, **given)`, with the cleaned values of `form`."""
    counts: Callable[[Any], Mapping[StrOrPromise, Any]] = counted
    """What it affects, of a queryset: numbers by name, or remarks on each row."""
    permission: str = "change"
    """Of the admin class: `has_<permission>_permission` decides who may."""
    warning: StrOrPromise = ""
    """What cannot be undone, if anything."""
    goes: Sequence[object] = ()
    stays: Sequence[object] = ()
    """What is taken out of the rows, and what is left of them, in words."""
    is_destructive: bool = False
    flag: int = CHANGE
    logged: ChangeMessage | Promise | None = None
    """The entry of the log for each row; None for `past`."""
    form: type[forms.Form] = forms.Form
    """What the person decides beforehand, if anything."""
    batch_size: int = BATCH
    is_atomic: bool = True
    """Whether a batch and its log entries are one transaction."""
    do_not_call_in_templates = True

    def __post_init__(self) -> None:
        self.__name__ = self.name
        self.short_description = lazy(self._described, str)()
        self.allowed_permissions = (self.permission,)

    def _described(self) -> str:
        """Of the action in the list, as Django fills it in."""
        return capfirst(gettext("%(verb)s selected %%(verbose_name_plural)s") % {"verb": self.verb})

    def __call__(
        self, modeladmin: StaffAdmin[Any], request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        across = request.POST.get("select_across") == "1"
        asked_at = _moment(request.POST.get("asked_at", "")) or timezone.now()
        rows = queryset.filter(updated_at__lte=asked_at) if across else queryset
        form = self.form(request.POST if "post" in request.POST else None)
        if form.is_valid():
            self._report(modeladmin, request, *self._run(request, rows, form.cleaned_data))
            return None
        # Of the ids that the page carries, one is enough for Django where all rows of the list are chosen.
        ids = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)[: 1 if across else None]
        asked = {"select_across": across, "asked_at": asked_at.isoformat(), "ids": ids}
        return self.ask(modeladmin, request, rows, form, back=request.get_full_path(), **asked)

    def ask(
        self,
        modeladmin: StaffAdmin[Any],
        request: HttpRequest,
        rows: QuerySet[Any],
        form: forms.Form,
        **context: Any,
    ) -> HttpResponse:
        """The page that asks before anything is done to these rows."""
        title = self.short_description % model_format_dict(modeladmin.opts)
        shared: Context = {
            "title": title,
            "action": self,
            "form": form,
            "counts": self.counts(rows).items(),
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "media": modeladmin.media + form.media,
        }
        return modeladmin.page(request, "action", **(shared | context))

    def do(
        self, person: Person, model: type[Model], workspace_id: str, ids: Collection[str], given: Given
    ) -> BulkOutcome:
        """Do it to these rows of a workspace, each with its entry in the log."""
        with atomic() if self.is_atomic else nullcontext():
            outcome = self.perform(workspace_id, ids, **given)
            given_message = self.past if self.logged is None else self.logged
            message = str(given_message) if isinstance(given_message, Promise) else given_message
            log(person, model, [(pk, pk) for pk in outcome.changed], self.flag, message)
        return outcome

    def _run(self, request: HttpRequest, rows: QuerySet[Any], given: Given) -> tuple[int, BulkOutcome]:
        """(number of rows, outcome)."""
        total, outcome = 0, BulkOutcome()
        for workspace_id, ids in _by_workspace(rows, self.batch_size):
            outcome.add(self.do(request.user, rows.model, workspace_id, ids, given))
            total += len(ids)
        return total, outcome

    def _report(
        self, modeladmin: StaffAdmin[Any], request: HttpRequest, total: int, outcome: BulkOutcome
    ) -> None:
        done, refused = len(outcome.changed), len(outcome.refused)
        rest = total - done - refused
        names = {"past": self.past, "rows": modeladmin.opts.verbose_name_plural}
        figures = {"done": grouped(done), "total": grouped(total)}
        text = capfirst(gettext("%(past)s %(done)s of %(total)s %(rows)s.") % (names | figures))
        if rest:
            unchanged = ngettext("%(count)s needed no change.", "%(count)s needed no change.", rest)
            text = f"{text} {unchanged % {'count': grouped(rest)}}"
        modeladmin.message_user(request, text, messages.SUCCESS if done or not refused else messages.WARNING)
        for line in _refusals(outcome):
            modeladmin.message_user(request, line, messages.WARNING)


@dataclass(kw_only=True, eq=False)
class Deletion(BulkAction):
    """Replaces Django's own action of this name, which would load and list every row that goes."""

    name: str = "delete_selected"
    verb: StrOrPromise = _("Delete")
    past: StrOrPromise = _("Deleted")
    permission: str = "delete"
    warning: StrOrPromise = _("This cannot be undone.")
    is_destructive: bool = True
    flag: int = DELETION
    logged: ChangeMessage | Promise | None = ""


def together_or_singly(
    act: Callable[[str, Collection[str]], BulkOutcome], one: Callable[[str, str], object]
) -> Callable[..., BulkOutcome]:
    """What performs an action on all rows at once, and row by row where another app forbids some of them."""

    def perform(workspace_id: str, ids: Collection[str]) -> BulkOutcome:
        try:
            return act(workspace_id, ids)
        except (ProtectedError, RestrictedError):
            return singly(one)(workspace_id, ids)

    return perform


def singly(act: Callable[..., object]) -> Callable[..., BulkOutcome]:
    """What performs an action by `act(workspace_id, id, **given)`; a row that is gone counts as unchanged."""

    def perform(workspace_id: str, ids: Collection[str], **given: object) -> BulkOutcome:
        outcome = BulkOutcome()
        for pk in ids:
            try:
                act(workspace_id, pk, **given)
            except NotFound:
                continue
            except ParleyError as error:
                outcome.refused[pk] = error
            except (ProtectedError, RestrictedError):
                outcome.refused[pk] = Referred()
            else:
                outcome.changed.append(pk)
        return outcome

    return perform


def _refusals(outcome: BulkOutcome) -> Iterator[str]:
    """How many rows were refused for which reason, the most frequent reasons first."""
    reasons = Counter(in_words(error) for error in outcome.refused.values()).most_common()
    for reason, count in reasons[:REASONS_SHOWN]:
        refused = ngettext("%(count)s refused: %(reason)s.", "%(count)s refused: %(reason)s.", count)
        yield refused % {"count": grouped(count), "reason": reason}
    if further := sum(count for _, count in reasons[REASONS_SHOWN:]):
        more = ngettext(
            "%(count)s more refused for other reasons.", "%(count)s more refused for other reasons.", further
        )
        yield more % {"count": grouped(further)}


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
