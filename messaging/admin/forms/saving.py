"""Forms that write through the services, so that staff and clients share one write path."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from messaging.admin.pages import came_from
from messaging.admin.refusals import in_words
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context, Row, TypedForm
from messaging.exceptions import ParleyError

from .fields import DateAndTime, field_for
from .versioned import VersionedForm


class ServiceAdmin(StaffAdmin[Row]):
    """Writes through the services. What they refuse is shown on the form, with everything that was typed.

    By then Django has rolled its transaction back; a second pass lists the refusal among the errors of the
    form and so saves nothing.
    """

    form: type[TypedForm[Row]] = VersionedForm
    related: tuple[str, ...] = ()
    """Fields that `save_related` saves."""
    formfield_overrides = {
        models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime},
    }

    def update(self, obj: Row, **given: Any) -> None:
        """Write `changes`, new values by column, where `expected_version` is what is stored."""
        raise NotImplementedError

    def create(self, request: HttpRequest, obj: Row, form: TypedForm[Row]) -> Row:
        """The new row, for forms that add one."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Row, form: VersionedForm[Row], change: bool) -> None:
        names = [name for name in form.changed_data if name not in self.related]
        given = {name: form.cleaned_data[name] for name in names}
        if not change:
            vars(obj).update(vars(self.create(request, obj, form)))
        elif given or self.related:  # the version guards what `save_related` writes, too
            self.update(obj, changes=given, expected_version=form.expected_version)

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
        unchanged = gettext("Nothing was changed: the %(name)s is as it was.")
        self.message_user(request, unchanged % {"name": self.opts.verbose_name}, messages.INFO)
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
        except (ParleyError, ProtectedError, RestrictedError) as error:
            refused = gettext("Not deleted: %(reason)s.") % {"reason": in_words(error)}
            self.message_user(request, refused, messages.ERROR)
            return HttpResponseRedirect(request.path)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        view = partial(super().changeform_view, request, object_id, *args, **kwargs)
        try:
            return self._gone(request, object_id) or view()
        except ParleyError as error:
            request.parley_refusal = error  # type: ignore[attr-defined]
            return self._gone(request, object_id) or view()

    def get_form(
        self, request: HttpRequest, obj: Row | None = None, change: bool = False, **kwargs: object
    ) -> type[TypedForm[Row]]:
        form = super().get_form(request, obj, change, **kwargs)
        if issubclass(form, VersionedForm):  # a class of its own for each request
            form.refusal = getattr(request, "parley_refusal", None)
        return form

    def render_change_form(
        self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if getattr(form, "differences", ()):
            context["others_changes"] = self._changes_since(form)
        return super().render_change_form(request, context, *args, **kwargs)

    def _changes_since(self, form: VersionedForm[Row]) -> list[LogEntry]:
        """Who changed the row in the admin since the form was opened, latest first."""
        content_type = ContentType.objects.get_for_model(self.model, for_concrete_model=False)
        entries = LogEntry.objects.filter(content_type=content_type, object_id=form.instance.pk)
        if form.opened_at:
            entries = entries.filter(action_time__gte=form.opened_at)
        return list(entries.select_related("user").order_by("-action_time")[:5])

    def _gone(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """What was typed into the form of a deleted row, to be copied; None while the row exists."""
        if request.method != "POST" or object_id is None or not self.has_change_permission(request):
            return None
        if self.get_object(request, unquote(object_id)):
            return None
        form = self.get_form(request, None, change=True)(request.POST)
        typed = [(field.label, field.value()) for field in form.visible_fields() if field.value()]
        title = gettext("This %(name)s is gone") % {"name": self.opts.verbose_name}
        response = self.page(request, "gone", title, typed=typed)
        response.status_code = 404
        return response
