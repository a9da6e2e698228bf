"""In which orders messages are listed."""

from messaging.wire.pagination import WirePagination

from .outputs import MESSAGE_COLUMNS

# Ties are broken by conversation and seq, so that equal moments never swap a tool call and its result.
ORDERS = ("created_at", "updated_at", "sent_at", "seq", "id", "sender_id", "role", "message_type")


class MessagePagination(WirePagination):
    orders = {name: tuple(dict.fromkeys((name, "conversation_id", "seq"))) for name in ORDERS}
    columns = MESSAGE_COLUMNS
