"""/api/v1/workspaces"""

from collections.abc import Iterable
from typing import Any

from messaging.api.pages import PaginatedResponse, paginated
from messaging.api.view import MieltoViewSet
from messaging.exceptions import WorkspaceNotFound
from messaging.index.filters import Filter
from messaging.index.listing import Listing, Order
from messaging.models import Workspace
from messaging.services import create_workspace, delete_workspace, update_workspace
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.responses import WireResponse

from .inputs import WorkspaceCreate, WorkspaceUpdate
from .outputs import WorkspaceRead, workspace_read
from .query import DeleteWorkspaceQuery, WorkspacePagination, WorkspacesQuery

NOT_FOUND = "Workspace not found"


class WorkspaceViewSet(MieltoViewSet):
    """The workspaces that the caller's key may use, rather than those of one workspace."""

    queryset = Workspace.objects.all()
    pagination_class = WorkspacePagination
    not_found = WorkspaceNotFound
    tag = "Workspaces"

    def get_queryset(self) -> Any:
        return self.access.workspaces()

    def listing(self, filters: Iterable[Filter], order: Order) -> Listing:
        return Listing(
            model=Workspace, workspaces=None, filters=tuple(filters), order=order, rows=self.get_queryset()
        )

    @operation(
        summary="Create Workspace",
        permission=Permission.ADMIN,
        body=WorkspaceCreate,
        status=201,
        answer=WorkspaceRead,
        idempotent=True,
        examples={"A workspace": {"name": "Support Europe"}},
    )
    def create(self, body: WorkspaceCreate) -> Payload:
        """Make a workspace, which the key that asks may use from then on."""
        api_key = self.access.api_key
        workspace = create_workspace(
            name=body.name,
            slug=body.slug,
            meta_data=body.meta_data,
            api_key_id=api_key.pk if api_key else None,
        )
        return workspace_read(workspace)

    @operation(
        summary="List Workspaces",
        permission=Permission.READ,
        query=WorkspacesQuery,
        answer=PaginatedResponse[WorkspaceRead],
    )
    def list(self, query: WorkspacesQuery) -> Payload:
        """The workspaces that the key may use."""
        page = self.page_of(query)
        return WireResponse(paginated(page, page.rows), headers=page.headers)

    @operation(summary="Get Workspace", permission=Permission.READ, answer=WorkspaceRead, not_found=NOT_FOUND)
    def retrieve(self, workspace_id: str) -> Payload:
        """One workspace."""
        return workspace_read(self.find(workspace_id))

    @operation(
        summary="Update Workspace",
        permission=Permission.ADMIN,
        body=WorkspaceUpdate,
        answer=WorkspaceRead,
        not_found=NOT_FOUND,
        examples={"Rename": {"name": "Support EMEA"}},
    )
    def update(self, workspace_id: str, body: WorkspaceUpdate) -> Payload:
        """Change the fields that are given. PUT and PATCH do the same."""
        self.find(workspace_id)
        return workspace_read(update_workspace(workspace_id=workspace_id, changes=body.changes()))

    @operation(
        summary="Delete Workspace",
        permission=Permission.ADMIN,
        query=DeleteWorkspaceQuery,
        status=204,
        not_found=NOT_FOUND,
        conflict="It holds conversations, and `force` is not set",
    )
    def destroy(self, workspace_id: str, query: DeleteWorkspaceQuery) -> None:
        """Delete a workspace and its keys; with `force` its conversations and messages too."""
        self.find(workspace_id)
        delete_workspace(workspace_id=workspace_id, force=query.force)
