"""One box for everything: an id of any kind, pasted as it was found, leads to the page of what has it."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import unquote as unquote_id
from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from messaging.admin.pages import may_view, page_of
from messaging.admin.typed import Row, TypedAdmin
from messaging.kinds import id_within, kinds
from messaging.models import ApiKey, Message
from messaging.rights import visible_to

from .changelist import ListAdmin

__all__ = ["FindAdmin", "FindingAdmin", "Found", "find"]

KEY = re.compile(r"parley_([0-9A-Za-z]{8})(_[0-9A-Za-z]+)?(?![0-9A-Za-z])", re.ASCII)
PUBLIC_PREFIX = re.compile(r"[0-9A-Za-z]{8}", re.ASCII)
PASTED_KEY = (
    "That was a whole API key. It has not been kept here, but a key should not be pasted into a search: it "
    "stays behind in the history of the browser and in logs of addresses. Revoke it where others read those."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a pasted text turned out to be."""

    url: str | None = None
    """The page of what it names; None where nothing does that the user may see."""
    note: str = ""
    """What to tell the user."""
    prefix: str = ""
    """Of the id that it is."""
    is_secret: bool = False
    """The text holds the secret of a key: it must not be shown again, nor searched for."""


def find(request: HttpRequest, site: AdminSite, text: str) -> Found | None:
    """Understand an id, the public prefix of a key, a key, or an address with an id in it.

    None where the text is none of these. What the user may not see is as what does not exist.
    """
    # What a list was narrowed by stands at the end of addresses of the admin, and is not what they show.
    plain = unquote(text).split("_changelist_filters=")[0].strip(" \t\r\n\"'`<>")
    if key := KEY.search(unquote(text)):
        url = _page_of_key(request, site, key[1])
        if key[2]:
            return Found(url=url, note=PASTED_KEY, is_secret=True)
        return Found(url=url, note="" if url else f"No API key that you may see begins with {key[0]}.")
    if named := id_within(unquote_id(plain)):
        url = _page(request, site, kinds()[named[0]], pk=named[1])
        note = "" if url else f"Nothing that you may see has the id {named[1]}."
        return Found(url=url, note=note, prefix=named[0])
    if PUBLIC_PREFIX.fullmatch(plain) and (url := _page_of_key(request, site, plain)):
        return Found(url=url)
    return None


def _page_of_key(request: HttpRequest, site: AdminSite, public_prefix: str) -> str | None:
    return _page(request, site, ApiKey, public_prefix=public_prefix)


def _page(request: HttpRequest, site: AdminSite, model: type[Any], **named: str) -> str | None:
    """The page of a row, or of the message of which it is a piece."""
    piece_of = next((field.attname for field in model._meta.fields if field.related_model is Message), None)
    shown = Message if piece_of else model
    models = {shown, model} if site.is_registered(model) else {shown}
    if not all(may_view(request, site, each) for each in models):
        return None
    rows = visible_to(request.user, model._default_manager.filter(**named))
    primary_key = rows.values_list(piece_of or "pk", flat=True).first()
    return page_of(request, site, shown, primary_key) if primary_key else None


class FindingAdmin(ListAdmin[Row]):
    """The search box of a list takes a pasted id, too."""

    ids_searched: tuple[str, ...] = ()
    """Prefixes of ids that the list itself searches for, so that they lead nowhere else."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = find(request, self.admin_site, request.GET.get(SEARCH_VAR, ""))
        goes = request.method == "GET" and IS_POPUP_VAR not in request.GET
        if found and (goes or found.is_secret):
            if found.note:
                messages.warning(request, found.note)
            if found.is_secret or (found.url and found.prefix not in self.ids_searched):
                return redirect(found.url or request.path)
        return super().changelist_view(request, extra_context)


class FindAdmin(TypedAdmin[Row]):
    """The page of the box itself, beside the list of messages: other text than ids is searched for there."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.find_view)
        return [path("find/", view, name="parley_find"), *super().get_urls()]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get(SEARCH_VAR, "").strip()
        found = find(request, self.admin_site, text)
        if found and found.url:
            if found.note:
                messages.warning(request, found.note)
            return redirect(found.url)
        if text and not found and self.has_view_permission(request):
            messages_list = reverse("admin:parley_message_changelist", current_app=self.admin_site.name)
            return redirect(f"{messages_list}?{urlencode({SEARCH_VAR: text})}")
        context = {
            **self.admin_site.each_context(request),
            "title": "Find",
            "opts": self.opts,
            "note": found.note if found else "You may not search messages; paste an id." if text else "",
            "find_text": "" if found and found.is_secret else text,
            "prefixes": sorted(f"{prefix}_" for prefix in kinds()),
        }
        return TemplateResponse(request, "admin/parley/find.html", context)
