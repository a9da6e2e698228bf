"""What the services refuse is said on the form, with everything that was typed; never on an error page."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from messaging.exceptions import ParleyError

from .base import VersionedForm

if TYPE_CHECKING:  # generic to the type checker alone
    ModelAdmin = admin.ModelAdmin[Any]
else:
    from django.contrib.admin import ModelAdmin

__all__ = ["RefusalsOnForm"]


class RefusalsOnForm(ModelAdmin):
    """Catches what `save_model` raises and shows the form again.

    By then Django has rolled its transaction back; the second pass finds the refusal among the errors of the
    form and so saves nothing.
    """

    form: Any = VersionedForm

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        arguments = (request, object_id, form_url, extra_context)
        try:
            return self._gone(*arguments) or super().changeform_view(*arguments)
        except ParleyError as error:
            request.parley_refusal = error  # type: ignore[attr-defined]
            return self._gone(*arguments) or super().changeform_view(*arguments)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "parley_refusal", None)  # a class of its own for each request
        return form

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        form = context["adminform"].form
        if getattr(form, "differences", ()):
            context["others_changes"] = self._changes_since(form)
        return super().render_change_form(request, context, *args, **kwargs)

    def _changes_since(self, form: Any) -> list[LogEntry]:
        """Who changed the row in the admin since the form was opened, latest first."""
        content_type = ContentType.objects.get_for_model(self.model, for_concrete_model=False)
        entries = LogEntry.objects.filter(content_type=content_type, object_id=form.instance.pk)
        if form.opened_at:
            entries = entries.filter(action_time__gte=form.opened_at)
        return list(entries.select_related("user").order_by("-action_time")[:5])

    def _gone(self, request: HttpRequest, object_id: Any, *rest: Any) -> HttpResponse | None:
        """What was typed into the form of something that is gone, to be copied; None while it is there."""
        if request.method != "POST" or object_id is None or not self.has_change_permission(request):
            return None
        if self.get_object(request, unquote(object_id)):
            return None
        form = self.get_form(request, None, change=True)(request.POST)
        typed = [(field.label, field.value()) for field in form.visible_fields() if field.value()]
        context = {
            **self.admin_site.each_context(request),
            "title": f"This {self.opts.verbose_name} is gone",
            "opts": self.opts,
            "typed": typed,
        }
        return TemplateResponse(request, "admin/parley/gone.html", context, status=404)
