"""/api/v1/auth/session"""

from typing import Any

from pydantic import BaseModel, Field

from messaging.api.view import MieltoViewSet
from messaging.api.workspaces.outputs import WorkspaceRead, workspace_read
from messaging.exceptions import WorkspaceNotFound
from messaging.models import Workspace
from messaging.wire.operations import operation
from messaging.wire.responses import WireResponse


class SessionUser(BaseModel):
    """Who the caller is: the end user it names, else the owner of the key. Names are not ours to know."""

    id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    avatar_url: str | None = None


class SessionRead(BaseModel):
    """Who is calling, where, and with which permissions."""

    user: SessionUser
    workspace: WorkspaceRead
    permissions: list[str] = Field(description="What the key may do")


class SessionViewSet(MieltoViewSet):
    queryset = Workspace.objects.all()
    not_found = WorkspaceNotFound
    tag = "Authentication"

    def get_queryset(self) -> Any:
        return self.access.workspaces()

    @operation(summary="Get Session", permission=None, answer=SessionRead)
    def retrieve(self) -> WireResponse:
        """Who am I?"""
        access = self.access
        workspace = self.find(access.workspace_id)
        user = SessionUser(id=access.user_id or access.owner_id)
        return WireResponse(
            {
                "user": user.model_dump(),
                "workspace": workspace_read(workspace),
                "permissions": sorted(access.permissions),
            }
        )
