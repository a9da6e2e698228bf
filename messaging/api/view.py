"""What the views of the Mielto wire share."""

from messaging.wire.view import WireViewSet

from .dialect import MIELTO


class MieltoViewSet(WireViewSet):
    dialect = MIELTO
