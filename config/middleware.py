"""Security headers: what a browser may do with an answer of the service."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from messaging.wire.errors import Refusal

from .wires import dialect_of

__all__ = ["EncryptedWires", "SecurityHeaders", "documentation"]

View = Callable[..., HttpResponseBase]

# Pages show text of strangers, so a browser runs, loads and sends nothing that is not ours.
STRICT = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "style-src": "'self'",
    "script-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# Swagger UI and ReDoc write styles at run time, and ReDoc searches in a worker that it makes itself.
DOCUMENTATION = STRICT | {
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self' data:",
    "worker-src": "blob:",
}


def _policy(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


HEADERS = {
    "Content-Security-Policy": _policy(STRICT),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
UNENCRYPTED = Refusal(
    status=403,
    code="https_required",
    detail="Use HTTPS; a key that was sent without it should be replaced",
)


class SecurityHeaders:
    """Sets the headers that Django's own SecurityMiddleware leaves out, where a view has not set its own.

    Django 6 has a middleware for the policy alone; this one serves every version that we support.
    """

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class EncryptedWires:
    """Refuses a request of a wire that comes without TLS where the service demands it.

    A redirect would have a client send its key in the clear again and again, and would never be noticed.
    """

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_refused = settings.SECURE_SSL_REDIRECT and not request.is_secure()
        if is_refused and (dialect := dialect_of(request.path_info)):
            return dialect.refuse(UNENCRYPTED)
        return self.get_response(request)


def documentation(view: View) -> View:
    """The view, under the policy that pages of API documentation need."""

    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = _policy(DOCUMENTATION)
        return response

    return answer
