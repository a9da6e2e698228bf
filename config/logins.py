"""The login of staff: a brake on guessing by user and by address, and a line of the log for each try."""

import hashlib
from datetime import timedelta
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import ngettext

from messaging.exceptions import RateLimited
from messaging.services.rate import count_request, forget_requests, uncount_request

from . import security

__all__ = ["LoginForm", "login"]

PERIOD = timedelta(minutes=5)
TRIES_OF_A_USER, TRIES_FROM_AN_ADDRESS = 10, 30
THROTTLED = "throttled"


class LoginForm(AdminAuthenticationForm):
    """Counts a try before it looks at the password, whose check is slow on purpose."""

    def clean(self) -> dict[str, Any]:
        request = cast(HttpRequest, self.request)
        name = str(self.cleaned_data.get("username", ""))
        try:
            self._count(name)
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            security.login_refused(request, name, error.code or "invalid")
            raise
        # Whoever knows the password need not wait for those who do not.
        forget_requests(identity=_identity("user", name))
        uncount_request(identity=_identity("address", security.address_of(request)))
        security.logged_in(request, name)
        return cleaned

    def _count(self, name: str) -> None:
        address = security.address_of(cast(HttpRequest, self.request))
        try:
            count_request(identity=_identity("address", address), limit=TRIES_FROM_AN_ADDRESS, period=PERIOD)
            count_request(identity=_identity("user", name), limit=TRIES_OF_A_USER, period=PERIOD)
        except RateLimited as error:
            message = ngettext(
                "Too many tries: wait %(seconds)s second.",
                "Too many tries: wait %(seconds)s seconds.",
                error.retry_after,
            ) % {"seconds": error.retry_after}
            raise ValidationError(message, code=THROTTLED) from None


def login(request: HttpRequest) -> HttpResponseBase:
    """The login page of the admin; 429 for whoever tries too often."""
    response = admin.site.login(request)
    if isinstance(response, TemplateResponse) and response.context_data:
        form = response.context_data.get("form")
        if isinstance(form, LoginForm) and form.has_error(NON_FIELD_ERRORS, THROTTLED):
            response.status_code = 429
    return response


def _identity(kind: str, value: str) -> str:
    """What is counted, of whatever length the value is."""
    return f"login {kind} {hashlib.sha256(value.casefold().encode()).hexdigest()[:32]}"
