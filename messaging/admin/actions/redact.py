"""The button "Redact" and the page that asks before it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse

from messaging.admin.log import log_ids
from messaging.admin.pages import came_from
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context
from messaging.exceptions import ParleyError
from messaging.models import Conversation, Message
from messaging.rights import REDACT

from .bulk import BulkAction

__all__ = ["Redactable"]

Redacted = TypeVar("Redacted", bound=Conversation | Message)


class Redactable(StaffAdmin[Redacted]):
    """Rows that can be redacted: one by the view `<model>_redact`, many by the action of that name."""

    redact_action: BulkAction[Any]

    def has_redact_permission(self, request: HttpRequest, obj: Redacted | None = None) -> bool:
        return bool(request.user.has_perm(REDACT)) and self.has_view_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        return [self.row_path("redact", self.redact_view), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj: Redacted | None = kwargs.get("obj")
        if obj is not None and not _redacted_at(obj) and self.has_redact_permission(request, obj):
            context["redact_url"] = self._url("redact", obj.pk)
        return super().render_change_form(request, context, *args, **kwargs)

    def about_redaction(self, request: HttpRequest, obj: Redacted) -> Context:
        """What else the page that asks shows."""
        return {}

    def redact_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks, and redacts on POST; `next` is the page that follows. Redacted rows stay as they are."""
        if not self.has_redact_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self.absent(request, object_id)
        form = self.redact_action.form(request.POST if request.method == "POST" else None)
        if form.is_valid() and not _redacted_at(obj) and self._redacted(request, obj, form.cleaned_data):
            return HttpResponseRedirect(came_from(request) or self._url("change", obj.pk))
        return self._ask(request, obj, form)

    def _redacted(self, request: HttpRequest, obj: Redacted, given: Mapping[str, object]) -> bool:
        """Redact it, or report why not."""
        action = self.redact_action
        outcome = action.perform(workspace_id=obj.workspace_id, ids=[obj.pk], given=given)
        if not outcome.changed:
            refusal: ParleyError | str = outcome.refused.get(obj.pk, "It is gone")
            self.message_user(request, f"Not redacted: {refusal}.", messages.ERROR)
            return False
        log_ids(request.user, self.model, [obj.pk], CHANGE, action.change_message(given))
        self.message_user(request, f"The {self.opts.verbose_name} was redacted.", messages.SUCCESS)
        return True

    def _ask(self, request: HttpRequest, obj: Redacted, form: forms.Form) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=obj.pk)
        context = {
            **self.about_redaction(request, obj),
            "original": obj,
            "redacted_at": _redacted_at(obj),
            "action": self.redact_action,
            "form": form,
            "counts": self.redact_action.counts(rows).items(),
            "next": came_from(request) or "",
            "back": came_from(request) or self._url("change", obj.pk),
        }
        return self.page(request, "redact", f"Redact {self.opts.verbose_name}", **context)

    def _url(self, view: str, pk: str) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}"
        return reverse(name, args=[pk], current_app=self.admin_site.name)


def _redacted_at(obj: Conversation | Message) -> datetime | None:
    """When a message was redacted; None for a conversation, which may have further messages since."""
    return obj.redacted_at if isinstance(obj, Message) else None
