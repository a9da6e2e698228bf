"""The addresses of rows in the admin, and who may open them."""

from contextlib import suppress

from django.contrib.admin.sites import AdminSite
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from messaging.models import Message

__all__ = ["came_from", "may_be_key", "may_view", "page_of"]


def may_view(request: HttpRequest, site: AdminSite, model: type[Model]) -> bool:
    """Whether this site shows rows of a model, and to this person."""
    return site.is_registered(model) and site.get_model_admin(model).has_view_permission(request)


def page_of(request: HttpRequest, site: AdminSite, model: type[Model], primary_key: object) -> str:
    """The address of a row of a registered model: within a transcript for those who may read messages."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    arguments = [primary_key]  # an id of ours needs no quoting, and stays readable
    for reading in ("open", "transcript") if may_view(request, site, Message) else ():
        with suppress(NoReverseMatch):
            return reverse(f"{name}_{reading}", args=arguments, current_app=site.name)
    return reverse(f"{name}_change", args=arguments, current_app=site.name)


def came_from(request: HttpRequest) -> str | None:
    """`next`, the page that a person returns to when the work is done, where that is a page of this site."""
    url = request.POST.get("next") or request.GET.get("next")
    ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if ours else None


def may_be_key(model: type[Model], text: str) -> bool:
    """Whether a row of this model could have this primary key. Django fails on letters for a number."""
    try:
        model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return True
