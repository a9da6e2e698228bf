from django.apps import apps
from django.urls import include, path

from tests.hostapp import urls

of_skin = [path("grappelli/", include("grappelli.urls"))] if apps.is_installed("grappelli") else []
urlpatterns = [*of_skin, *urls.urlpatterns]
