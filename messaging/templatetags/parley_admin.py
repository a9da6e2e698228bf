"""Tags and filters of the templates of the admin."""

from django import template
from django.utils.safestring import SafeString

from messaging.admin.display import worded
from messaging.admin.lists.highlight import highlight
from messaging.values.text import fold

register = template.Library()
register.filter(worded)


@register.filter
def marking(text: str, term: str) -> SafeString:
    """The text as escaped HTML, with the matches of a search for `term` marked."""
    return highlight(text, term)


@register.filter
def holds(text: str | None, term: str) -> bool:
    """Whether a search for `term` matches the text."""
    return bool(term) and fold(term) in fold(text or "")
