"""Webhooks: what happened in a workspace, posted to endpoints, in order and at least once. See README.md."""

from .delivering import deliver_webhooks
from .upkeep import remove_old_deliveries

__all__ = ["deliver_webhooks", "remove_old_deliveries"]
