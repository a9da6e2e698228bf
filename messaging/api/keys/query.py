"""How API keys are ordered."""

from messaging.wire.pagination import WirePagination

from .outputs import ApiKeyRead


class ApiKeyPagination(WirePagination):
    orders = {
        "created_at": ("created_at", "id"),
        "updated_at": ("updated_at", "id"),
        "label": ("label", "id"),
        "id": ("id",),
    }
    columns = ApiKeyRead.columns()
