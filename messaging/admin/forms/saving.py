"""Forms that write through the services, so that staff and clients share one write path."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from messaging.admin.pages import came_from
from messaging.admin.typed import Context, Row, TypedForm
from messaging.exceptions import ParleyError

from .fields import DateAndTime, field_for
from .refusals import RefusalsOnForm

__all__ = ["ServiceAdmin", "become", "changes"]


class ServiceAdmin(RefusalsOnForm[Row]):
    """Writes through the services, and shows what they refuse."""

    formfield_overrides = {
        models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime},
    }

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        if field := field_for(db_field):
            field.help_text = str(kwargs.get("help_text") or field.help_text)
            return field
        if isinstance(db_field, models.CharField) and not db_field.choices:
            # Ids of clients are opaque, outer spaces included.
            kwargs.setdefault("strip", False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def construct_change_message(
        self,
        request: HttpRequest,
        form: forms.Form,
        formsets: "Iterable[forms.BaseFormSet[Any]]",
        add: bool = False,
    ) -> list[dict[str, dict[str, list[str]]]]:
        message = super().construct_change_message(request, form, formsets, add)
        request.parley_changed = bool(message)  # type: ignore[attr-defined]
        return message

    def response_change(self, request: HttpRequest, obj: Row) -> HttpResponse:
        """Reports success only where something was changed."""
        if request.parley_changed or IS_POPUP_VAR in request.POST:  # type: ignore[attr-defined]
            return super().response_change(request, obj)
        self.message_user(
            request, f"Nothing was changed: the {self.opts.verbose_name} is as it was.", messages.INFO
        )
        if "_continue" in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        return self.response_post_save_change(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Row) -> HttpResponseRedirect:
        """Back to the page that the person came from, or to the list."""
        back = came_from(request)
        return HttpResponseRedirect(back) if back else super().response_post_save_change(request, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Context | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except ParleyError as error:
            self.message_user(request, f"Not deleted: {error}.", messages.ERROR)
            return HttpResponseRedirect(request.path)


def changes(form: TypedForm[Any], without: Collection[str] = ()) -> dict[str, object]:
    """What a person changed in a form, as the services take it."""
    return {name: form.cleaned_data[name] for name in form.changed_data if name not in without}


def become(obj: Row, row: Row) -> None:
    """Give the object that the admin holds the values of the row that a service made."""
    obj.__dict__.update(row.__dict__)
