"""/api/v1/api-keys"""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from messaging.api.pages import ListQuery, PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import ApiKeyNotFound, InvalidValue, PermissionMissing
from messaging.models import ApiKey
from messaging.services import create_api_key, delete_api_key, update_api_key
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation

from .inputs import NOT_IN_FUTURE, ApiKeyCreate, ApiKeyUpdate
from .outputs import ApiKeyCreated, ApiKeyRead
from .query import ApiKeyPagination


class ApiKeyViewSet(MieltoViewSet):
    queryset = ApiKey.objects.all()
    pagination_class = ApiKeyPagination
    not_found = ApiKeyNotFound
    tag = "API keys"

    @operation("Create API Key", Permission.ADMIN, status=201, answer=ApiKeyCreated)
    def create(self, body: ApiKeyCreate) -> Payload:
        """Make a key, no wider than the one that asks. Its secret is in this answer and nowhere else.

        `Idempotency-Key` is not honoured here: keeping the answer would keep the secret.
        """
        self._check_permissions(body.permissions)
        self._check_workspaces(body.workspace_ids or [])
        api_key, secret = create_api_key(
            workspace_id=self.workspace_id,
            label=body.label,
            permissions=body.permissions,
            further_workspace_ids=body.workspace_ids or [],
            owner_id=body.owner_id or self.access.owner_id,
            status=body.status,
            expires_at=self._lifetime(body.expires_at),
            created_by=self.access.owner_id or self.access.identity,
        )
        return ApiKeyRead.of(api_key) | {"secret": secret}

    @operation("List API Keys", Permission.ADMIN, answer=PaginatedResponse[ApiKeyRead])
    def list(self, query: ListQuery) -> Payload:
        """The keys of the workspace, the newest first."""
        return PaginatedResponse.of(self.page_of(query), ApiKeyRead)

    @operation("Get API Key", Permission.ADMIN, answer=ApiKeyRead)
    def retrieve(self, api_key_id: str) -> Payload:
        """One key."""
        return self.shown(ApiKeyRead, api_key_id)

    @operation("Update API Key", Permission.ADMIN, answer=ApiKeyRead)
    def update(self, api_key_id: str, body: ApiKeyUpdate) -> Payload:
        """Change the fields that are given, to nothing wider than the key that asks."""
        changes = body.given()
        self._check_permissions(changes.get("permissions", []))
        if "expires_at" in changes:
            changes["expires_at"] = self._lifetime(changes["expires_at"])
        row = update_api_key(
            workspace_id=self.workspace_id,
            api_key_id=api_key_id,
            changes=changes,
            authorize=self._authorize,
        )
        return ApiKeyRead.of(row)

    @operation("Delete API Key", Permission.ADMIN, status=204)
    def destroy(self, api_key_id: str) -> None:
        """Delete a key; it fails from the next request on."""
        delete_api_key(workspace_id=self.workspace_id, api_key_id=api_key_id)

    def _check_permissions(self, wanted: Collection[str]) -> None:
        if beyond := sorted(set(wanted) - self.access.permissions):
            raise PermissionMissing(f"permissions: the key that asks does not hold {', '.join(beyond)}")

    def _check_workspaces(self, wanted: Collection[str]) -> None:
        """An absent workspace and one of somebody else's are refused alike."""
        reachable = set(self.access.workspaces().filter(pk__in=wanted).values_list("pk", flat=True))
        if set(wanted) - reachable:
            raise PermissionMissing("workspace_ids: the key that asks may not use all of them")

    def _authorize(self, before: ApiKey, after: ApiKey, further_ids: Collection[str]) -> None:
        """Raise PermissionMissing where somebody could do by this key what the one that asks may not do, and
        InvalidValue for a change to a moment that has passed."""
        if after.expires_at and before.expires_at != after.expires_at <= timezone.now():
            kind, message = NOT_IN_FUTURE
            raise InvalidValue(("body", "expires_at"), message, kind)
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
