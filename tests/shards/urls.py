from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("messaging.api.urls")),
    path("v1/", include("threads.seekrflow.urls")),
    path("admin/", admin.site.urls),
]
