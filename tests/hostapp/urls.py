from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path


def page(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse("a page of the host")


urlpatterns = [
    path("chat/api/v1/", include("messaging.api.urls")),
    path("chat/openai/v1/", include("threads.openai.urls")),
    path("chat/v1/", include("threads.seekrflow.urls")),
    path("admin/", admin.site.urls),
    # With this every path could take a slash at its end, as far as APPEND_SLASH is concerned.
    re_path(r"^(?P<slug>.*)/$", page),
]
