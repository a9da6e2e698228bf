"""The addresses of rows in the admin, and who may open them."""

from django.contrib.admin.sites import AdminSite
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from messaging.models import Message


def may_view(request: HttpRequest, site: AdminSite, model: type[Model]) -> bool:
    """Whether this site shows rows of a model, and to this person."""
    return site.is_registered(model) and site.get_model_admin(model).has_view_permission(request)


def address_of(name: str, *args: object, site: str | None = None) -> str:
    """The address of a page by its name; empty where there is no such page."""
    try:
        return reverse(name, args=args, current_app=site)
    except NoReverseMatch:
        return ""


def page_of(request: HttpRequest, site: AdminSite, model: type[Model], primary_key: object) -> str:
    """The address of a row of a registered model: within a transcript for those who may read messages."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    reading = ("open", "transcript") if may_view(request, site, Message) else ()
    # An id of ours needs no quoting, and stays readable.
    pages = (address_of(f"{name}_{page}", primary_key, site=site.name) for page in (*reading, "change"))
    return next(filter(None, pages))


def came_from(request: HttpRequest) -> str | None:
    """`next`, the page that a person returns to when the work is done, where that is a page of this site."""
    url = request.POST.get("next") or request.GET.get("next")
    ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if ours else None


def may_be_key(model: type[Model], text: str) -> bool:
    """Whether a row of this model could have this primary key.

    Django fails on letters for a number, and the databases on a number out of their range and NUL in a text.
    """
    if "\0" in text:
        return False
    key = model._meta.pk
    try:
        key.run_validators(key.to_python(text))
    except ValidationError:
        return False
    return True
