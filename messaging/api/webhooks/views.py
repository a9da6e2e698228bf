"""/api/v1/webhooks"""

from datetime import timedelta

from messaging.api.pages import ListQuery, PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import PermissionMissing, WebhookNotFound
from messaging.index.filters import Equal
from messaging.models import Webhook, WebhookDelivery
from messaging.services import (
    create_webhook,
    delete_webhook,
    ping_webhook,
    replay_webhook,
    rotate_webhook_secret,
    update_webhook,
)
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation

from .inputs import SecretRotate, WebhookCreate, WebhookReplay, WebhookUpdate
from .outputs import WebhookCreated, WebhookDeliveryRead, WebhookPinged, WebhookRead
from .query import WebhookDeliveryPagination, WebhookPagination

REDIRECTING = frozenset({"conversation_id", "include", "types", "url"})
"""What decides which messages are sent where."""


class WebhookViewSet(MieltoViewSet):
    queryset = Webhook.objects.all()
    pagination_class = WebhookPagination
    not_found = WebhookNotFound
    tag = "Webhooks"

    @operation(
        "Create Webhook",
        Permission.ADMIN,
        status=201,
        answer=WebhookCreated,
        not_found="Conversation not found",
    )
    def create(self, body: WebhookCreate) -> Payload:
        """Have what happens from now on sent to a URL. The secret is in this answer and nowhere else.

        `Idempotency-Key` is not honoured here: keeping the answer would keep the secret.
        """
        self._require_read(body.include)
        webhook, secret = create_webhook(
            workspace_id=self.workspace_id,
            created_by=self.access.owner_id or self.access.identity,
            **body.model_dump(),
        )
        return WebhookRead.of(webhook) | {"secret": secret}

    @operation("List Webhooks", Permission.ADMIN, answer=PaginatedResponse[WebhookRead])
    def list(self, query: ListQuery) -> Payload:
        """The webhooks of the workspace, the newest first."""
        return PaginatedResponse.of(self.page_of(query), WebhookRead)

    @operation("Get Webhook", Permission.ADMIN, answer=WebhookRead)
    def retrieve(self, webhook_id: str) -> Payload:
        """One webhook, and how far it has come."""
        return self.shown(WebhookRead, webhook_id)

    @operation("Update Webhook", Permission.ADMIN, answer=WebhookRead)
    def update(self, webhook_id: str, body: WebhookUpdate) -> Payload:
        """Change the fields that are given, pause or resume. PUT and PATCH do the same."""
        changes = body.changes()
        if not REDIRECTING.isdisjoint(changes) and not self._may_read:
            self._require_read(changes.get("include", self.find(webhook_id).include))
        row = update_webhook(workspace_id=self.workspace_id, webhook_id=webhook_id, changes=changes)
        return WebhookRead.of(row)

    @operation("Delete Webhook", Permission.ADMIN, status=204)
    def destroy(self, webhook_id: str) -> None:
        """Delete a webhook and the list of its deliveries; what is on its way may still arrive."""
        delete_webhook(workspace_id=self.workspace_id, webhook_id=webhook_id)

    @property
    def _may_read(self) -> bool:
        return Permission.READ in self.access.permissions

    def _require_read(self, include: str) -> None:
        """Nobody is sent what they may not read."""
        if include and not self._may_read:
            raise PermissionMissing("include: the key that asks does not hold read")


class WebhookSecretViewSet(MieltoViewSet):
    queryset = Webhook.objects.all()
    not_found = WebhookNotFound
    tag = "Webhooks"

    @operation("Rotate Webhook Secret", Permission.ADMIN, answer=WebhookCreated, body_required=False)
    def create(self, webhook_id: str, body: SecretRotate) -> Payload:
        """Make a new secret, in this answer and nowhere else. Until the former one ends, both sign."""
        webhook, secret = rotate_webhook_secret(
            workspace_id=self.workspace_id,
            webhook_id=webhook_id,
            overlap=timedelta(seconds=body.overlap_seconds),
        )
        return WebhookRead.of(webhook) | {"secret": secret}


class WebhookPingViewSet(MieltoViewSet):
    queryset = Webhook.objects.all()
    not_found = WebhookNotFound
    tag = "Webhooks"

    @operation("Ping Webhook", Permission.ADMIN, status=202, answer=WebhookPinged)
    def create(self, webhook_id: str) -> Payload:
        """Have a worker send an event of type `ping` once, also while the webhook is paused or disabled."""
        return {"id": ping_webhook(workspace_id=self.workspace_id, webhook_id=webhook_id)}


class WebhookReplayViewSet(MieltoViewSet):
    queryset = Webhook.objects.all()
    not_found = WebhookNotFound
    tag = "Webhooks"

    @operation("Replay Webhook", Permission.ADMIN, answer=WebhookRead)
    def create(self, webhook_id: str, body: WebhookReplay) -> Payload:
        """Send all changes after a position, also those that were sent before, under the same ids."""
        row = replay_webhook(workspace_id=self.workspace_id, webhook_id=webhook_id, after=body.after)
        return WebhookRead.of(row)


class WebhookDeliveryViewSet(MieltoViewSet):
    queryset = WebhookDelivery.objects.all()
    pagination_class = WebhookDeliveryPagination
    not_found = WebhookNotFound
    tag = "Webhooks"

    @operation("List Webhook Deliveries", Permission.ADMIN, answer=PaginatedResponse[WebhookDeliveryRead])
    def list(self, webhook_id: str, query: ListQuery) -> Payload:
        """The attempts to send something, the latest first; the store keeps them for some days."""
        page = self.page_of(query, Equal("webhook_id", webhook_id))
        if not page.total_count:  # only then can it be that there is no such webhook
            self.require(Webhook.objects.all(), WebhookNotFound, pk=webhook_id)
        return PaginatedResponse.of(page, WebhookDeliveryRead)
