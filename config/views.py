"""The standalone site's own pages, and the probes of its operator."""

import sys

from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from messaging import __version__
from messaging.wire.errors import HOST_UNKNOWN, classify
from messaging.wire.responses import WireResponse
from messaging.wire.schema import openapi_document

from .readiness import readiness
from .watching.figures import figures
from .watching.scrape import may_read, page_of
from .wires import dialect_of, dialects, refusal


@csrf_exempt
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and where to go from here."""
    if request.method not in ("GET", "HEAD"):
        return WireResponse({"detail": _nothing_here()}, status=405, headers={"Allow": "GET, HEAD"})
    return render(request, "home.html", {"version": __version__})


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """The icon that a browser requests for a page that names none, such as those of the admin."""
    return redirect(static("site/icon.svg"))


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether this process can do its work; 503 with the reason otherwise."""
    return readiness()


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus scrapes; 404 for whoever may not."""
    if not may_read(request.META.get("REMOTE_ADDR", ""), request.headers):
        raise Http404
    text, content_type = page_of(figures())
    return HttpResponse(text, content_type=content_type, headers={"Cache-Control": "no-store"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django refuses itself, such as one for a host that is not ours."""
    if dialect := dialect_of(request.path_info):
        return dialect.refuse(classify(exception))
    if isinstance(exception, DisallowedHost):
        return HttpResponse(HOST_UNKNOWN, status=400, content_type="text/plain")
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A path that nothing serves. A program that asks below no wire is told where they are."""
    if dialect := dialect_of(request.path_info):
        return dialect.refuse(classify(exception))
    if "text/html" in request.headers.get("Accept", "text/html"):
        return defaults.page_not_found(request, exception)
    return WireResponse({"detail": _nothing_here()}, status=404)


def _nothing_here() -> str:
    """Where the wires are."""
    wires = " and ".join(f"/{dialect.prefix}" for dialect in dialects())
    return f"Nothing is served here: the wires are below {wires}, and /api/docs documents them"


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of a page or a middleware, or the database or the storage of large values is away."""
    error = sys.exc_info()[1]
    why = classify(error if isinstance(error, Exception) else RuntimeError())
    if why.status == 503 or dialect_of(request.path_info):
        return refusal(request.path_info, why if why.status >= 500 else classify(RuntimeError()))
    return defaults.server_error(request)


@require_safe
def openapi(request: HttpRequest) -> WireResponse:
    """The OpenAPI 3.1 document of every operation."""
    return WireResponse(openapi_document())
