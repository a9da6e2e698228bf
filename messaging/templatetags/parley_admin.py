"""What templates of the admin are written with."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from messaging.admin.lists.highlight import highlight
from messaging.values.text import fold

register = template.Library()


@register.filter
def marking(text: str, term: str) -> SafeString:
    """The text as HTML, escaped, with what a search for `term` finds in it marked."""
    return highlight(text, term)


@register.filter
def holds(text: str | None, term: str) -> bool:
    """Whether a search for `term` finds anything in the text."""
    return bool(term) and fold(term) in fold(text or "")


@register.inclusion_tag("admin/parley/includes/breadcrumbs.html", takes_context=True)
def breadcrumbs(context: Any, opts: Any, *trail: str) -> dict[str, Any]:
    """The way from the admin's index to a page of a model.

    `trail` is names and addresses of further steps by turns, and at last the name of the page itself.
    The page needs `parley/breadcrumbs.css`: the markup is that of Django 6.1, which is new to older ones.
    """
    site = getattr(context.request, "current_app", None)
    changelist = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist", current_app=site)
    further = zip(trail[:-1:2], trail[1::2], strict=True)
    steps = [(opts.verbose_name_plural.capitalize(), changelist), *further]
    return {"opts": opts, "steps": steps, "here": trail[-1]}
