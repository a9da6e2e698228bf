"""Tags and filters of the templates of the admin."""

from typing import Any

from django import template
from django.db.models import Model
from django.db.models.options import Options
from django.template import RequestContext
from django.urls import reverse
from django.utils.safestring import SafeString

from messaging.admin.lists.highlight import highlight
from messaging.values.text import fold

register = template.Library()


@register.filter
def marking(text: str, term: str) -> SafeString:
    """The text as escaped HTML, with the matches of a search for `term` marked."""
    return highlight(text, term)


@register.filter
def holds(text: str | None, term: str) -> bool:
    """Whether a search for `term` matches the text."""
    return bool(term) and fold(term) in fold(text or "")


@register.inclusion_tag("admin/parley/includes/breadcrumbs.html", takes_context=True)
def breadcrumbs(context: RequestContext, opts: "Options[Model]", *trail: str) -> dict[str, Any]:
    """The way from the admin's index to a page of a model.

    `trail` alternates names and addresses of further steps, and ends with the name of the page itself.
    The page needs `parley/breadcrumbs.css`, as older versions of Django lack the styles of this markup.
    """
    site = getattr(context.request, "current_app", None)
    changelist = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist", current_app=site)
    further = zip(trail[:-1:2], trail[1::2], strict=True)
    steps = [(str(opts.verbose_name_plural).capitalize(), changelist), *further]
    return {"opts": opts, "steps": steps, "here": trail[-1]}
