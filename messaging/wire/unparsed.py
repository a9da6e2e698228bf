"""Bodies that DRF leaves alone: the wires read them, once, in their own way.

An authentication class of a host may ask for the fields of a form all the same, as Django's check against
forged requests does: it is told that there are none, and looks at the header then.
"""

from django.http import QueryDict
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

__all__ = ["Unparsed"]


class NoFields(BaseParser):
    """Reads nothing of a body of any type."""

    media_type = "*/*"

    def parse(
        self, stream: object, media_type: str | None = None, parser_context: object = None
    ) -> QueryDict:
        return QueryDict()


class Unparsed(BaseContentNegotiation):
    """One parser, which reads nothing, and JSON whatever `Accept` names."""

    def select_parser(self, request: Request, parsers: object) -> BaseParser:
        return NoFields()

    def select_renderer(
        self, request: Request, renderers: object, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return JSONRenderer(), JSONRenderer.media_type
