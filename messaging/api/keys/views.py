"""/api/v1/api-keys"""

from collections.abc import Collection
from datetime import datetime

from messaging.api.pages import ListQuery, PaginatedResponse, paginated
from messaging.api.view import MieltoViewSet
from messaging.exceptions import ApiKeyNotFound, PermissionMissing
from messaging.models import ApiKey
from messaging.services import create_api_key, delete_api_key, update_api_key
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.responses import WireResponse

from .inputs import ApiKeyCreate, ApiKeyUpdate
from .outputs import ApiKeyCreated, ApiKeyRead, api_key_read
from .query import ApiKeyPagination

NOT_FOUND = "API key not found"


class ApiKeyViewSet(MieltoViewSet):
    queryset = ApiKey.objects.all()
    pagination_class = ApiKeyPagination
    not_found = ApiKeyNotFound
    tag = "API keys"

    @operation(
        summary="Create API Key",
        permission=Permission.ADMIN,
        body=ApiKeyCreate,
        status=201,
        answer=ApiKeyCreated,
        examples={"A key that reads": {"label": "Dashboard", "permissions": ["read"]}},
    )
    def create(self, body: ApiKeyCreate) -> Payload:
        """Make a key, no wider than the one that asks. Its secret is in this answer and nowhere else.

        `Idempotency-Key` is not honoured here: keeping the answer would keep the secret.
        """
        self._check_permissions(body.permissions)
        self._check_workspaces(body.workspace_ids or [])
        api_key, secret = create_api_key(
            workspace_id=self.access.workspace_id,
            label=body.label,
            permissions=body.permissions,
            further_workspace_ids=body.workspace_ids or [],
            owner_id=body.owner_id or self.access.owner_id,
            status=body.status,
            expires_at=self._lifetime(body.expires_at),
            created_by=self.access.owner_id or self.access.identity,
        )
        return api_key_read(api_key) | {"secret": secret}

    @operation(
        summary="List API Keys",
        permission=Permission.ADMIN,
        query=ListQuery,
        answer=PaginatedResponse[ApiKeyRead],
    )
    def list(self, query: ListQuery) -> Payload:
        """The keys of the workspace, the newest first."""
        page = self.page_of(query)
        keys = self.get_queryset().in_bulk([row["id"] for row in page.rows])
        # One that is deleted between the two statements is left out.
        rows = [api_key_read(keys[row["id"]]) for row in page.rows if row["id"] in keys]
        return WireResponse(paginated(page, rows), headers=page.headers)

    @operation(summary="Get API Key", permission=Permission.ADMIN, answer=ApiKeyRead, not_found=NOT_FOUND)
    def retrieve(self, api_key_id: str) -> Payload:
        """One key."""
        return api_key_read(self.find(api_key_id))

    @operation(
        summary="Update API Key",
        permission=Permission.ADMIN,
        body=ApiKeyUpdate,
        answer=ApiKeyRead,
        not_found=NOT_FOUND,
        examples={"Revoke": {"status": "inactive"}},
    )
    def update(self, api_key_id: str, body: ApiKeyUpdate) -> Payload:
        """Change the fields that are given, to nothing wider than the key that asks."""
        changes = body.changes()
        self._check_permissions(changes.get("permissions", []))
        if "expires_at" in changes:
            changes["expires_at"] = self._lifetime(changes["expires_at"])
        row = update_api_key(
            workspace_id=self.access.workspace_id,
            api_key_id=api_key_id,
            changes=changes,
            authorize=self._authorize,
        )
        return api_key_read(row)

    @operation(summary="Delete API Key", permission=Permission.ADMIN, status=204, not_found=NOT_FOUND)
    def destroy(self, api_key_id: str) -> None:
        """Delete a key; it fails from the next request on."""
        delete_api_key(workspace_id=self.access.workspace_id, api_key_id=api_key_id)

    def _check_permissions(self, wanted: Collection[str]) -> None:
        if beyond := sorted(set(wanted) - self.access.permissions):
            raise PermissionMissing(f"permissions: the key that asks does not hold {', '.join(beyond)}")

    def _check_workspaces(self, wanted: Collection[str]) -> None:
        """An absent workspace and one of somebody else's are refused alike."""
        reachable = set(self.access.workspaces().filter(pk__in=wanted).values_list("pk", flat=True))
        if set(wanted) - reachable:
            raise PermissionMissing("workspace_ids: the key that asks may not use all of them")

    def _authorize(self, before: ApiKey, after: ApiKey, further_ids: Collection[str]) -> None:
        """Raise PermissionMissing where somebody could do by this key what the one that asks may not do."""
        if not after.is_usable:
            return
        self._check_permissions(after.permissions)
        self._check_workspaces(further_ids)
        if not before.is_usable and self._lifetime(after.expires_at) != after.expires_at:
            raise PermissionMissing("expires_at: the key that asks expires earlier")

    def _lifetime(self, wanted: datetime | None) -> datetime | None:
        """No key outlives the one that made it."""
        own = self.access.api_key.expires_at if self.access.api_key else None
        if own is None:
            return wanted
        if wanted is not None and wanted > own:
            raise PermissionMissing("expires_at: the key that asks expires earlier")
        return wanted or own
