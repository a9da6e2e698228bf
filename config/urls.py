"""The standalone service: the wires, the admin, the documentation and the probes."""

from django.contrib import admin
from django.urls import path
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from messaging.wire.routes import closing, mount

from . import logins, views
from .middleware import documentation
from .wires import dialects

# An API path never answers HTML, not even where no view was reached.
handler400 = "config.views.bad_request"
handler404 = "config.views.page_not_found"
handler500 = "config.views.server_error"

admin.site.login_form = logins.LoginForm
admin.site.site_header = admin.site.site_title = "Parley"

SWAGGER = SpectacularSwaggerSplitView.as_view(url_name="openapi")
REDOC = SpectacularRedocView.as_view(url_name="openapi", template_name="redoc.html")

# Most requests are of a wire, so these are tried first.
urlpatterns = [
    *mount(dialects()),
    path("", views.home, name="home"),
    path("favicon.ico", views.icon),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("api/schema", views.openapi, name="openapi"),
    path("api/docs", documentation(SWAGGER), name="docs"),
    path("api/redoc", documentation(REDOC), name="redoc"),
    path("api/schema/", views.openapi),
    path("api/docs/", documentation(SWAGGER)),
    path("api/redoc/", documentation(REDOC)),
    path("admin/login/", logins.login),
    path("admin/", admin.site.urls),
    closing(dialects()[0], "api/"),
]
