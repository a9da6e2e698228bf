"""Refusals of the services are shown on the form, with everything that was typed; never on an error page."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse

from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context, Row, TypedForm
from messaging.exceptions import ParleyError

from .versioned import VersionedForm

__all__ = ["RefusalsOnForm"]


class RefusalsOnForm(StaffAdmin[Row]):
    """Catches what `save_model` raises and shows the form again.

    By then Django has rolled its transaction back; the second pass lists the refusal among the errors of the
    form and so saves nothing.
    """

    form: type[TypedForm[Row]] = VersionedForm

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        arguments = (request, object_id, form_url, extra_context)
        try:
            return self._gone(request, object_id) or super().changeform_view(*arguments)
        except ParleyError as error:
            request.parley_refusal = error  # type: ignore[attr-defined]
            return self._gone(request, object_id) or super().changeform_view(*arguments)

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
        response = self.page(request, "gone", f"This {self.opts.verbose_name} is gone", typed=typed)
        response.status_code = 404
        return response
