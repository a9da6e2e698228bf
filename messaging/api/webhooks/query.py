"""How webhooks and their deliveries are ordered."""

from messaging.wire.pagination import WirePagination

from .outputs import WebhookDeliveryRead, WebhookRead


class WebhookPagination(WirePagination):
    orders = {
        "created_at": ("created_at", "id"),
        "updated_at": ("updated_at", "id"),
        "id": ("id",),
    }
    columns = WebhookRead.columns()


class WebhookDeliveryPagination(WirePagination):
    orders = {"created_at": ("created_at", "id")}
    columns = WebhookDeliveryRead.columns()
