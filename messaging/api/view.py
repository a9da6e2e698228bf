"""What the views of the Mielto wire share."""

from messaging.services import Writer
from messaging.wire.view import WireViewSet

from .dialect import MIELTO

__all__ = ["MieltoViewSet"]


class MieltoViewSet(WireViewSet):
    dialect = MIELTO

    def writer(self, *, enable_memories: bool | None = False) -> Writer:
        """On whose behalf this request writes."""
        return Writer(
            user_id=self.access.user_id,
            owner_id=self.access.owner_id,
            enable_memories=bool(enable_memories),
        )
