"""What the operation on the session answers."""

from pydantic import Field

from messaging.api.workspaces.outputs import WorkspaceRead
from messaging.models import Workspace
from messaging.wire.auth import Access
from messaging.wire.shapes import Answer


class SessionUser(Answer):
    """Who the caller is: the end user it names, else the owner of the key. Names are not ours to know."""

    id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    avatar_url: str | None = None


class SessionRead(Answer):
    """Who is calling, where, and with which permissions."""

    user: SessionUser
    workspace: WorkspaceRead
    permissions: list[str] = Field(description="What the key may do")


def session_read(access: Access, workspace: Workspace) -> dict[str, object]:
    """A SessionRead of a caller in this workspace."""
    user = SessionUser(id=access.user_id or access.owner_id)
    return {
        "user": user.model_dump(),
        "workspace": WorkspaceRead.of(workspace),
        "permissions": sorted(access.permissions),
    }
