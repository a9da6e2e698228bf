"""/api/v1/changes"""

from messaging.api.view import MieltoViewSet
from messaging.changes import current_position, kinds_named, read_changes
from messaging.exceptions import ResyncNeeded
from messaging.models import Change
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.responses import WireResponse

from .outputs import ChangeListResponse, ResyncDetail
from .query import ChangesQuery

LATEST = "latest"
"""The position behind every change that there is."""


class ChangeViewSet(MieltoViewSet):
    queryset = Change.objects.all()
    tag = "Changes"

    @operation("List Changes", Permission.READ, answer=ChangeListResponse, further={"410": ResyncDetail})
    def list(self, query: ChangesQuery) -> Payload:
        """What happened in the workspace, in the order of its commits, the oldest first.

        Whoever keeps `next_cursor` and asks with it again gets every change once.
        """
        try:
            page = read_changes(
                workspace_id=self.workspace_id,
                after=current_position() if query.after == LATEST else query.after or None,
                limit=query.limit,
                kinds=kinds_named(query.types or "") or None,
                conversation_id=query.conversation_id or None,
            )
        except ResyncNeeded as resync:
            return WireResponse(ResyncDetail.of(resync), 410)
        return ChangeListResponse.of(page)
