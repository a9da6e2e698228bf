"""The search box takes an id of any kind, alone or within other text, and leads to the page of its row."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlencode

from django.contrib import messages
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import unquote as unquote_id
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.pages import may_view, page_of
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context, Row
from messaging.kinds import id_within, kinds
from messaging.models import ApiKey, Message
from messaging.rights import visible_to

KEY = re.compile(r"parley_([0-9A-Za-z]{8})(_[0-9A-Za-z]+)?(?![0-9A-Za-z])", re.ASCII)
PUBLIC_PREFIX = re.compile(r"[0-9A-Za-z]{8}", re.ASCII)
PASTED_KEY = _(
    "That was a whole API key. It has not been kept here, but a key should not be pasted into a search: it "
    "stays behind in the history of the browser and in logs of addresses. Revoke it where others read those."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What a pasted text names."""

    url: str | None = None
    """The page of the row that it names; None where the user may see no such row."""
    note: str = ""
    """A remark for the user."""
    prefix: str = ""
    """The prefix of the id."""
    is_secret: bool = False
    """The text holds the secret of a key: it must not be shown again, nor searched for."""


def look_up(request: HttpRequest, site: AdminSite, text: str) -> Lookup | None:
    """Recognise an id, the public prefix of a key, a key, or an address with an id in it.

    None where the text is none of these. Rows that the user may not see count as missing.
    """
    # Addresses of the admin end with the filters of the list that led there, which may hold other ids.
    plain = unquote(text).split("_changelist_filters=")[0].strip(" \t\r\n\"'`<>")
    if key := KEY.search(unquote(text)):
        url = _page_of_key(request, site, key[1])
        if key[2]:
            return Lookup(url=url, note=str(PASTED_KEY), is_secret=True)
        unknown = gettext("No API key that you may see begins with %(prefix)s.") % {"prefix": key[0]}
        return Lookup(url=url, note="" if url else unknown)
    if named := id_within(unquote_id(plain)):
        url = _page(request, site, kinds()[named[0]], pk=named[1])
        unknown = gettext("Nothing that you may see has the id %(id)s.") % {"id": named[1]}
        return Lookup(url=url, note="" if url else unknown, prefix=named[0])
    if PUBLIC_PREFIX.fullmatch(plain) and (url := _page_of_key(request, site, plain)):
        return Lookup(url=url)
    return None


def _page_of_key(request: HttpRequest, site: AdminSite, public_prefix: str) -> str | None:
    return _page(request, site, ApiKey, public_prefix=public_prefix)


def _page(request: HttpRequest, site: AdminSite, model: type[Model], **named: str) -> str | None:
    """The page of a row, or of the message that it belongs to."""
    to_message = [field.attname for field in model._meta.fields if field.related_model is Message]
    message_column = next(iter(to_message), None)
    shown = Message if message_column else model
    models = {shown, model} if site.is_registered(model) else {shown}
    if not all(may_view(request, site, each) for each in models):
        return None
    rows = visible_to(request.user, model._default_manager.filter(**named))
    primary_key = rows.values_list(message_column or "pk", flat=True).first()
    return page_of(request, site, shown, primary_key) if primary_key else None


class LookupPage(StaffAdmin[Row]):
    """The search box on a page of its own. It searches messages for texts that are no ids."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.find_view)
        return [path("find/", view, name="parley_find"), *super().get_urls()]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get(SEARCH_VAR, "").strip()
        lookup = look_up(request, self.admin_site, text)
        if lookup and lookup.url:
            if lookup.note:
                messages.warning(request, lookup.note)
            return redirect(lookup.url)
        if text and not lookup and self.has_view_permission(request):
            messages_list = reverse("admin:parley_message_changelist", current_app=self.admin_site.name)
            return redirect(f"{messages_list}?{urlencode({SEARCH_VAR: text})}")
        refusal = gettext("You may not search messages; paste an id.")
        context: Context = {
            "note": lookup.note if lookup else refusal if text else "",
            "find_text": "" if lookup and lookup.is_secret else text,
            "prefixes": sorted(f"{prefix}_" for prefix in kinds()),
        }
        return self.page(request, "find", gettext("Find"), **context)
