"""How workspaces are ordered, and deleted."""

from pydantic import BaseModel, Field

from messaging.api.pages import ListQuery
from messaging.values.types import Direction
from messaging.wire.pagination import WirePagination

from .outputs import WorkspaceRead


class WorkspacesQuery(ListQuery):
    """Workspaces come by name unless asked otherwise."""

    order_by: str = Field("name", description="Field to order by")
    order_direction: Direction = Field("asc", description="Order direction (asc/desc)")


class DeleteWorkspaceQuery(BaseModel):
    force: bool = Field(False, description="Delete its conversations too")


class WorkspacePagination(WirePagination):
    orders = {
        "name": ("name", "id"),
        "created_at": ("created_at", "id"),
        "updated_at": ("updated_at", "id"),
        "id": ("id",),
    }
    columns = WorkspaceRead.columns()
