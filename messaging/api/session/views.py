"""/api/v1/auth/session"""

from messaging.api.view import MieltoViewSet
from messaging.exceptions import WorkspaceNotFound
from messaging.models import Workspace
from messaging.models.workspace import WorkspaceQuerySet
from messaging.wire.operations import Payload, operation

from .outputs import SessionRead, session_read


class SessionViewSet(MieltoViewSet):
    queryset = Workspace.objects.all()
    not_found = WorkspaceNotFound
    tag = "Authentication"

    def get_queryset(self) -> WorkspaceQuerySet:
        return self.access.workspaces()

    @operation("Get Session", None, answer=SessionRead)
    def retrieve(self) -> Payload:
        """Who am I?"""
        return session_read(self.access, self.find(self.workspace_id))
