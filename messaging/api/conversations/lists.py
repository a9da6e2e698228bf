"""How conversations are narrowed and ordered."""

from messaging.models import Conversation
from messaging.wire.filters import NarrowBy, WireFilterSet
from messaging.wire.pagination import WirePagination

from .outputs import CONVERSATION_COLUMNS

# The orders that an index has of all conversations of a workspace.
WALKED = ("updated_at", "created_at")


class ConversationFilter(WireFilterSet):
    status = NarrowBy("with_status")
    is_public = NarrowBy("public")
    user_id = NarrowBy("of_user")
    collection_id = NarrowBy("in_collection", by_terms=True)
    search = NarrowBy("search", by_terms=True)

    class Meta:
        model = Conversation
        fields: tuple[str, ...] = ()


class ConversationPagination(WirePagination):
    order_parameter = "sort_by"
    orders = {
        "updated_at": ("updated_at", "id"),
        "created_at": ("created_at", "id"),
        "message_count": ("message_count", "id"),
        "title": ("search_title", "id"),
        "status": ("status", "id"),
        "id": ("id",),
    }
    columns = CONVERSATION_COLUMNS
