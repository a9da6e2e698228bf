"""The query parameters that narrow a list of messages."""

from typing import Any

from messaging.models import Message
from messaging.wire.filters import NarrowBy, WireFilterSet


class MessageFilter(WireFilterSet):
    conversation_id = NarrowBy("in_conversation")
    sender_id = NarrowBy("from_sender")
    role = NarrowBy("with_role")
    message_type = NarrowBy("of_type")
    search = NarrowBy("search", by_terms=True)
    tags = NarrowBy("tagged_any", by_terms=True)
    all_tags = NarrowBy("tagged_all", by_terms=True)
    parent_message_id = NarrowBy("replies_to")
    created_after = NarrowBy("created_after")
    created_before = NarrowBy("created_before")
    meta_data = NarrowBy("with_meta_data", by_terms=True)

    class Meta:
        model = Message
        fields: tuple[str, ...] = ()

    @classmethod
    def given(cls, query: object) -> dict[str, Any]:
        """`tags` as a list, under `all_tags` where `tags_mode` asks for all of them."""
        values = super().given(query)
        tags = [tag for part in values.pop("tags", "").split(",") if (tag := part.strip())]
        if tags:
            values["all_tags" if getattr(query, "tags_mode", "any") == "all" else "tags"] = tags
        return values
