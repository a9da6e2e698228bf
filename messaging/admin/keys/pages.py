"""The pages of a key other than its form: the only one that shows its secret, and its revocation."""

from contextlib import suppress

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, URLPattern, reverse

from messaging.admin.pages import page_of
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context
from messaging.models import ApiKey
from messaging.services import update_api_key
from messaging.values.choices import KeyStatus, Permission

from .annotations import secret_of
from .form import promised_id

__all__ = ["CreatedPage", "RevokePage", "curl_line"]


def curl_line(request: HttpRequest, api_key: ApiKey, secret: str) -> str | None:
    """A command that works with this key at the present address; None where no wire is mounted."""
    name, query = ("messages", "?limit=1") if Permission.READ in api_key.permissions else ("session", "")
    with suppress(NoReverseMatch):
        address = request.build_absolute_uri(reverse(f"parley-{name}") + query)
        return f"curl -H 'Authorization: Bearer {secret}' '{address}'"
    return None


class CreatedPage(StaffAdmin[ApiKey]):
    """Shows a new key in the answer to the request that made it, and nowhere else, ever.

    The answer belongs to the POST, as no secret is stored; a reload sends the form again.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        if object_id is None and (made := self._made(request)):
            return self._made_already(request, made)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _made(self, request: HttpRequest) -> ApiKey | None:
        """The key that this form has made before, if it has."""
        promised = promised_id(request.POST) if self.has_add_permission(request) else None
        return self.get_object(request, promised) if promised else None

    def _made_already(self, request: HttpRequest, api_key: ApiKey) -> HttpResponse:
        """The answer to a form that has made its key before."""
        url = page_of(request, self.admin_site, ApiKey, api_key.pk)
        return self.page(request, "apikey/made_already", "The key is made already", api_key=api_key, url=url)

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        secret = secret_of(obj)
        context = {
            "api_key": obj,
            "secret": secret,
            "curl": curl_line(request, obj, secret),
            "url": page_of(request, self.admin_site, ApiKey, obj.pk),
        }
        response = self.page(request, "apikey/created", "The key is made", **context)
        response["Cache-Control"] = "no-store"
        return response


class RevokePage(StaffAdmin[ApiKey]):
    """Asks, then revokes: one key by its button, several by the action of the list."""

    actions = ("revoke_selected",)

    def get_urls(self) -> list[URLPattern]:
        return [self.row_path("revoke", self.revoke_view), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        api_key = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, api_key):
            raise PermissionDenied
        if api_key is None:
            return self.absent(request, object_id)
        keys = self.get_queryset(request).filter(pk=api_key.pk)
        return self._asked(request, keys) or redirect(page_of(request, self.admin_site, ApiKey, api_key.pk))

    @admin.action(description="Revoke selected API keys", permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse | None:
        return self._asked(request, queryset, action="revoke_selected")

    def _asked(
        self, request: HttpRequest, keys: QuerySet[ApiKey], action: str | None = None
    ) -> HttpResponse | None:
        """The page that asks; None once it was confirmed and the keys are revoked."""
        active = list(keys.filter(status=KeyStatus.ACTIVE).select_related("workspace"))
        if request.method == "POST" and "confirmed" in request.POST:
            for api_key in active:
                self._revoke(request, api_key)
            messages.success(request, f"{len(active)} API key{'s' * (len(active) != 1)} revoked.")
            return None
        title = "Revoke API keys" if action else "Revoke API key"
        return self.page(request, "apikey/revoke", title, keys=active, action=action)

    def _revoke(self, request: HttpRequest, api_key: ApiKey) -> None:
        changes = {"status": KeyStatus.INACTIVE}
        update_api_key(workspace_id=api_key.workspace_id, api_key_id=api_key.pk, changes=changes)
        self.log_change(request, api_key, "Revoked.")
