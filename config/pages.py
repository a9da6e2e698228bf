"""Middleware that only the pages of the site need: the wires know neither sessions nor accounts nor forms."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from .wires import dialect_of

__all__ = ["PageAuthentication", "PageLanguages", "PageMessages", "PageSessions"]


class PagesOnly:
    """Steps aside for the wires."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        handle: Any = self.get_response if dialect_of(request.path_info) else super().__call__  # type: ignore[misc]
        response: HttpResponseBase = handle(request)
        return response


class PageSessions(PagesOnly, SessionMiddleware):
    """Sessions, for pages."""


class PageLanguages(PagesOnly, LocaleMiddleware):
    """The language of the browser, for pages. The thread leaves it, as its next request may be a wire's."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        answered: HttpResponseBase = super().process_response(request, response)
        translation.deactivate()
        return answered


class PageAuthentication(PagesOnly, AuthenticationMiddleware):
    """Accounts, for pages."""


class PageMessages(PagesOnly, MessageMiddleware):
    """Messages to the person who asks, for pages."""
