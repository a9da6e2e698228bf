"""The admin of webhooks: list, form, and the pages of what is done to one."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import date
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.actions.bulk import BulkAction
from messaging.admin.actions.row import CountedDeletion, RowAction
from messaging.admin.display import above
from messaging.admin.forms.once import ShownOnce, promised_id, with_secret
from messaging.admin.lists.admin import ListAdmin
from messaging.admin.lists.workspace_filter import WorkspaceFilter
from messaging.admin.log import log, names_of
from messaging.admin.refusals import reason_in_words
from messaging.admin.typed import Context, TypedForm
from messaging.models import Webhook
from messaging.services import create_webhook, rotate_webhook_secret, update_webhook
from messaging.values.choices import WebhookState

from .actions import DELETE_WEBHOOKS, PAUSE, PING, REPLAY, RESUME, ROTATE
from .form import WebhookForm

FORM = ("url", "description", "workspace", "types", "conversation_id", "include")
KNOWN = ("trouble", "upto", "former_secret", "created_by", "created_at", "id")
SENT = ("url", "types", "conversation_id", "include")
"""What decides which messages are sent where."""
VIEW_MESSAGES = "parley.view_message"
SEPARATE = (PING, REPLAY)
"""Actions of the list that a webhook has a page for as well."""


@admin.register(Webhook)
class WebhookAdmin(RowAction[Webhook], CountedDeletion[Webhook], ShownOnce[Webhook], ListAdmin[Webhook]):
    form = WebhookForm
    made, made_already = _("The webhook is made"), _("The webhook is made already")
    row_action, deletion = ROTATE, DELETE_WEBHOOKS
    actions = (PAUSE, RESUME, PING, REPLAY, DELETE_WEBHOOKS)
    list_display = ("named", "workspace", "standing", "next_attempt")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, "state")
    search_fields = ("url", "description")
    search_help_text = _("Part of the URL or description, or an id of anything")
    descending = True
    autocomplete_fields = ("workspace",)
    readonly_fields = KNOWN

    @admin.display(description=_("Webhook"))
    def named(self, webhook: Webhook) -> SafeString:
        return above(webhook.url, webhook.description)

    @admin.display(description=_("State"))
    def standing(self, webhook: Webhook) -> SafeString:
        """The state, and below it what is wrong."""
        return above(webhook.get_state_display(), self.trouble(webhook))

    @admin.display(description=_("What is wrong"), empty_value="-")
    def trouble(self, webhook: Webhook) -> str:
        """Why it is disabled, or that it fails."""
        if webhook.state_reason:
            since = date(localtime(webhook.state_since), "DATETIME_FORMAT")
            disabled = {"moment": since, "reason": reason_in_words(webhook.state_reason)}
            return gettext("since %(moment)s: %(reason)s") % disabled
        failing = ngettext(
            "%(count)s attempt has failed", "%(count)s attempts in a row have failed", webhook.failures
        )
        return failing % {"count": webhook.failures} if webhook.failures else ""

    @admin.display(description=_("Next attempt"))
    def next_attempt(self, webhook: Webhook) -> str:
        """When what failed is tried again; empty where nothing waits for that."""
        waits = webhook.failures and webhook.state == WebhookState.ACTIVE
        return date(localtime(webhook.next_attempt_at), "DATETIME_FORMAT") if waits else ""

    @admin.display(description=_("Delivered up to"))
    def upto(self, webhook: Webhook) -> str:
        return str(webhook.position)

    @admin.display(description=_("Former secret"))
    def former_secret(self, webhook: Webhook) -> str:
        if not (until := webhook.overlaps_until):
            return "-"
        moment = date(localtime(until), "DATETIME_FORMAT")
        return gettext("signs as well until %(moment)s") % {"moment": moment}

    def rows_of_list(self, rows: QuerySet[Webhook], term: str) -> QuerySet[Webhook]:
        return rows.defer("secrets", "types")

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[str, ...]:
        return FORM if obj is None else (*FORM, "state", *KNOWN)

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[str, ...]:
        """Nobody sends along, or elsewhere, what they may not read."""
        if request.user.has_perm(VIEW_MESSAGES):
            return (*KNOWN, "workspace") if obj else KNOWN
        sent = SENT if obj and obj.include else ("include",)
        return (*KNOWN, *sent, "workspace") if obj else (*KNOWN, *sent)

    def get_urls(self) -> list[URLPattern]:
        pages = [
            self.row_path(action.name, partial(self.action_view, action=action), self.may_act)
            for action in SEPARATE
        ]
        return [*pages, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if obj := kwargs.get("obj"):
            context["row_pages"] = [
                (capfirst(action.verb), self.url(action.name, obj.pk)) for action in SEPARATE
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def act(
        self, request: HttpRequest, obj: Webhook, action: BulkAction, given: Mapping[str, Any]
    ) -> HttpResponse | None:
        """As on any row, but that a new secret is shown."""
        if action is not ROTATE:
            return super().act(request, obj, action, given)
        _webhook, secret = rotate_webhook_secret(
            workspace_id=obj.workspace_id, webhook_id=obj.pk, overlap=timedelta(hours=given["hours"])
        )
        log(request.user, self.model, names_of([obj]), ROTATE.flag, str(ROTATE.logged))
        return self.show_once(request, obj, secret, gettext("The secret is rotated"))

    def update(self, obj: Webhook, **given: Any) -> None:
        update_webhook(workspace_id=obj.workspace_id, webhook_id=obj.pk, **given)

    def create(self, request: HttpRequest, obj: Webhook, form: TypedForm[Webhook]) -> Webhook:
        webhook, secret = create_webhook(
            workspace_id=obj.workspace_id,
            url=obj.url,
            types=obj.types,
            conversation_id=obj.conversation_id,
            description=obj.description,
            include=obj.include,
            created_by=str(request.user),
            webhook_id=promised_id(Webhook, request.POST),
        )
        return with_secret(webhook, secret)
