"""/v1/threads/{thread_id}/messages/{message_id}/parts"""

from collections.abc import Sequence
from typing import Any

from messaging.exceptions import PartNotFound
from messaging.services.reading import parts_of
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from threads.seekrflow.messages.outputs import WithParts
from threads.seekrflow.messages.views import ThreadMessageListing

from .outputs import MessagePart, MessageParts
from .query import PartsOfMessageQuery


class PartViewSet(ThreadMessageListing):
    tag = "Parts"

    @operation("List parts", Permission.READ, answer=MessageParts, not_found="Message not found")
    def list(self, thread_id: str, message_id: str, query: PartsOfMessageQuery) -> Payload:
        """The parts of a message, in their order."""
        return [part for part in self.parts(thread_id, message_id) if query.fits(part)]

    @operation("Get part", Permission.READ, answer=MessagePart, not_found="Message or part not found")
    def retrieve(self, thread_id: str, message_id: str, part_id: str) -> Payload:
        """One part."""
        for part in self.parts(thread_id, message_id):
            if part["id"] == part_id:
                return part
        raise PartNotFound

    def parts(self, thread_id: str, message_id: str) -> Sequence[dict[str, Any]]:
        row = self.find_row(WithParts, message_id, conversation_id=thread_id)
        return parts_of([row], workspace_id=self.workspace_id, link=self.link)[message_id]
