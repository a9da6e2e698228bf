"""Where in the admin a row of the store is shown."""

from contextlib import suppress
from typing import Any

from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

__all__ = ["page_of"]


def page_of(site: AdminSite, model: type[Model], primary_key: Any) -> str:
    """The address of a row of a registered model: of the page where it is read, else of its form."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    arguments = [quote(primary_key)]
    for reading in ("open", "transcript"):
        with suppress(NoReverseMatch):
            return reverse(f"{name}_{reading}", args=arguments, current_app=site.name)
    return reverse(f"{name}_change", args=arguments, current_app=site.name)
