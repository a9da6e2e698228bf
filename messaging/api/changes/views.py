"""/api/v1/changes"""

from django.http import HttpResponseBase

from messaging.api.view import MieltoViewSet
from messaging.changes import Position, current_position, kinds_named, read_changes
from messaging.changes.relay import Listener
from messaging.exceptions import InvalidPosition, ResyncNeeded
from messaging.models import Change
from messaging.values.choices import Permission
from messaging.wire.events import LAST_EVENT_ID, EventStream, may_go_on
from messaging.wire.operations import Payload, operation
from messaging.wire.responses import WireResponse

from .outputs import ChangeListResponse, ResyncDetail
from .query import ChangesQuery, ChangeStreamQuery
from .stream import events_for, events_now

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

    @operation("Stream Changes", Permission.READ, answer=EventStream)
    def stream(self, query: ChangeStreamQuery) -> HttpResponseBase:
        """What happens in the workspace, as server-sent events: the `data` of each is one change.

        An event named `resync` says that the changes behind the position are not known any more: read the
        state anew, and go on listening. A server without an event loop tells what has happened and ends the
        answer; clients connect anew by themselves.
        """
        if self.request.method == "HEAD":
            return EventStream(())
        api_key = self.access.api_key
        listener = Listener(
            workspace_id=self.workspace_id,
            position=self._position(query),
            kinds=kinds_named(query.types or "") or None,
            conversation_id=query.conversation_id or None,
            grant=(api_key.pk, self.workspace_id) if api_key else None,
        )
        goes_on = may_go_on(self.request._request)
        return EventStream(events_for(listener) if goes_on else events_now(listener))

    def _position(self, query: ChangeStreamQuery) -> Position:
        """Where the stream begins. A client that connects anew names the last event that it has seen."""
        if last := self.request.headers.get(LAST_EVENT_ID):
            try:
                return Position.of(last)
            except InvalidPosition:
                raise InvalidPosition(("header", LAST_EVENT_ID.lower())) from None
        return Position.of(current_position() if query.after in (None, "", LATEST) else query.after)
