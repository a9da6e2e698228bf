"""/api/v1/workspaces"""

from collections.abc import Iterable
from dataclasses import replace

from messaging.api.pages import PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import WorkspaceNotFound
from messaging.index.filters import Filter
from messaging.index.listing import Listing, Order, Window
from messaging.models import Workspace
from messaging.models.workspace import WorkspaceQuerySet
from messaging.services import create_workspace, delete_workspace, update_workspace
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation

from .inputs import WorkspaceCreate, WorkspaceUpdate
from .outputs import WorkspaceRead
from .query import DeleteWorkspaceQuery, WorkspacePagination, WorkspacesQuery

SLUG_TAKEN = "Another workspace has the slug"


class WorkspaceViewSet(MieltoViewSet):
    """The workspaces that the caller's key may use, rather than those of one workspace."""

    queryset = Workspace.objects.all()
    pagination_class = WorkspacePagination
    not_found = WorkspaceNotFound
    tag = "Workspaces"

    def get_queryset(self) -> WorkspaceQuerySet:
        return self.access.workspaces()

    def listing(self, filters: Iterable[Filter], order: Order, window: Window | None = None) -> Listing:
        return replace(super().listing(filters, order, window), workspaces=None, rows=self.get_queryset())

    @operation(
        "Create Workspace",
        Permission.ADMIN,
        status=201,
        answer=WorkspaceRead,
        conflict=SLUG_TAKEN,
        idempotent=True,
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
        return WorkspaceRead.of(workspace)

    @operation("List Workspaces", Permission.READ, answer=PaginatedResponse[WorkspaceRead])
    def list(self, query: WorkspacesQuery) -> Payload:
        """The workspaces that the key may use."""
        return PaginatedResponse.of(self.page_of(query), WorkspaceRead)

    @operation("Get Workspace", Permission.READ, answer=WorkspaceRead)
    def retrieve(self, workspace_id: str) -> Payload:
        """One workspace."""
        return WorkspaceRead.of(self.find(workspace_id))

    @operation("Update Workspace", Permission.ADMIN, answer=WorkspaceRead, conflict=SLUG_TAKEN)
    def update(self, workspace_id: str, body: WorkspaceUpdate) -> Payload:
        """Change the fields that are given. PUT and PATCH do the same."""
        self.find(workspace_id)
        return WorkspaceRead.of(update_workspace(workspace_id=workspace_id, changes=body.given()))

    @operation(
        "Delete Workspace",
        Permission.ADMIN,
        status=204,
        conflict="It holds conversations or memories, and `force` is not set",
    )
    def destroy(self, workspace_id: str, query: DeleteWorkspaceQuery) -> None:
        """Delete a workspace and its keys; with `force` its conversations and messages too."""
        self.find(workspace_id)
        delete_workspace(workspace_id=workspace_id, force=query.force)
