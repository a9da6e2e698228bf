"""What templates of the admin say about messages."""

from django import template
from django.utils.safestring import SafeString

from messaging.admin.highlight import highlight

register = template.Library()


@register.filter
def marking(text: str, term: str) -> SafeString:
    """The text as HTML, escaped, with what a search for `term` finds in it marked."""
    return highlight(text, term)
