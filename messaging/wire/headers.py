"""Headers of a request, one at a time: Django's own mapping reads all of them for whoever asks for one."""

from functools import cache

from django.http.request import HttpHeaders
from rest_framework.request import Request


def header(request: Request, name: str) -> str | None:
    """The value of this header as the server hands it over; None where the request has none."""
    value: str | None = request._request.META.get(_key(name))
    return value


@cache
def _key(name: str) -> str:
    key: str = HttpHeaders.to_wsgi_name(name)
    return key
