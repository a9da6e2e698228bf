"""The admin of webhooks: list, form, and the pages of what is done to one."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import date
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from messaging.admin.actions.row import CountedDeletion, RowAction
from messaging.admin.display import above
from messaging.admin.forms.saving import ServiceAdmin
from messaging.admin.lists.admin import ListAdmin
from messaging.admin.lists.workspace_filter import WorkspaceFilter
from messaging.admin.log import log, names_of
from messaging.admin.typed import Context, TypedForm
from messaging.models import Webhook
from messaging.services import create_webhook, rotate_webhook_secret, update_webhook
from messaging.values.choices import WebhookState

from .actions import DELETE_WEBHOOKS, PAUSE, PING, REPLAY, RESUME, ROTATE, Overlap
from .form import WebhookForm

FORM = ("url", "description", "workspace", "types", "conversation_id", "include")
KNOWN = ("trouble", "upto", "former_secret", "created_by", "created_at", "id")
SENT = ("url", "types", "conversation_id", "include")
"""What decides which messages are sent where."""
VIEW_MESSAGES = "parley.view_message"
SEPARATE = (PING, REPLAY)
"""Actions of the list that a webhook has a page for as well."""


@admin.register(Webhook)
class WebhookAdmin(RowAction[Webhook], CountedDeletion[Webhook], ServiceAdmin[Webhook], ListAdmin[Webhook]):
    """A new secret is shown in the answer to the POST that made it, and nowhere else."""

    form = WebhookForm
    row_action, deletion = ROTATE, DELETE_WEBHOOKS
    actions = (PAUSE, RESUME, PING, REPLAY, DELETE_WEBHOOKS)
    list_display = ("named", "workspace", "standing", "next_attempt")
    list_select_related = ("workspace",)
    list_filter = (WorkspaceFilter, "state")
    search_fields = ("url", "description")
    search_help_text = "Part of the URL or description, or an id of anything"
    descending = True
    autocomplete_fields = ("workspace",)
    readonly_fields = KNOWN

    @admin.display(description="Webhook")
    def named(self, webhook: Webhook) -> SafeString:
        return above(webhook.url, webhook.description)

    @admin.display(description="State")
    def standing(self, webhook: Webhook) -> SafeString:
        """The state, and below it what is wrong."""
        return above(webhook.get_state_display(), self.trouble(webhook))

    @admin.display(description="What is wrong", empty_value="-")
    def trouble(self, webhook: Webhook) -> str:
        """Why it is disabled, or that it fails."""
        since = f"since {date(localtime(webhook.state_since), 'DATETIME_FORMAT')}"
        failing = f"{webhook.failures} attempts in a row have failed" if webhook.failures else ""
        return f"{since}: {webhook.state_reason}" if webhook.state_reason else failing

    @admin.display(description="Next attempt")
    def next_attempt(self, webhook: Webhook) -> str:
        """When what failed is tried again; empty where nothing waits for that."""
        waits = webhook.failures and webhook.state == WebhookState.ACTIVE
        return date(localtime(webhook.next_attempt_at), "DATETIME_FORMAT") if waits else ""

    @admin.display(description="Delivered up to")
    def upto(self, webhook: Webhook) -> str:
        return str(webhook.position)

    @admin.display(description="Former secret")
    def former_secret(self, webhook: Webhook) -> str:
        return f"signs as well until {webhook.overlaps_until}" if webhook.overlaps_until else "-"

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
        if kwargs.get("add"):  # a new webhook has a page of its own, the only one that shows its secret
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        elif obj := kwargs.get("obj"):
            context["row_pages"] = [(action.verb, self.url(action.name, obj.pk)) for action in SEPARATE]
        return super().render_change_form(request, context, *args, **kwargs)

    def action_view(self, request: HttpRequest, obj: Webhook, **given: Any) -> HttpResponse:
        """As of any row, but that a new secret is shown."""
        form = Overlap(request.POST)
        if given or request.method != "POST" or not form.is_valid():
            return super().action_view(request, obj, **given)
        _, secret = rotate_webhook_secret(
            workspace_id=obj.workspace_id, webhook_id=obj.pk, overlap=form.overlap
        )
        log(request.user, self.model, names_of([obj]), ROTATE.flag, ROTATE.logged or "")
        return self._once(request, obj, secret, "The secret is rotated")

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
        )
        vars(webhook)["secret_of_answer"] = secret
        return webhook

    def response_add(
        self, request: HttpRequest, obj: Webhook, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._once(request, obj, vars(obj)["secret_of_answer"], "The webhook is made")

    def _once(self, request: HttpRequest, webhook: Webhook, secret: str, title: str) -> HttpResponse:
        """The page that shows a secret."""
        url = self.url("change", webhook.pk)
        response = self.page(request, "webhook/secret", title, webhook=webhook, secret=secret, url=url)
        response["Cache-Control"] = "no-store"
        return response
