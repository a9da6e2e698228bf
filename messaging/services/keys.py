"""Making, finding, changing and deleting API keys."""

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from messaging.exceptions import ApiKeyMade, ApiKeyNotFound
from messaging.models import ApiKey, Workspace
from messaging.sql.databases import write_database
from messaging.sql.running import reconnecting
from messaging.sql.statements import Statement
from messaging.values.choices import Permission
from messaging.values.keys import digest, make_key, matches, public_prefix

from .last_used import note_use
from .rows import Version, differing, locked, require_editable, require_version
from .transactions import atomic

EDITABLE = frozenset({"expires_at", "label", "owner_id", "permissions", "status"})
# What a request asks of its key; whoever asks for more has it read then.
COLUMNS = (
    *("id", "workspace_id", "public_prefix", "digest", "permissions"),
    *("owner_id", "status", "expires_at", "last_used_at"),
)
# Every request begins with it. Its second value is the prefix, its first a workspace that may be named.
FIND = Statement(
    """
SELECT {columns}, EXISTS (
  SELECT 1 FROM {further} WHERE {further}.apikey_id = {keys}.id AND {further}.workspace_id = %s
) FROM {keys} WHERE {keys}.public_prefix = %s
""",
    columns=COLUMNS,
    keys=ApiKey,
    further=ApiKey.further_workspaces.through,
)
Authorize = Callable[[ApiKey, ApiKey, Collection[str]], None]
"""Given a locked key as it is and as it would be, and the ids of the further workspaces that it may use."""


def create_api_key(
    *,
    workspace_id: str,
    label: str,
    permissions: Collection[str] = (Permission.READ, Permission.WRITE),
    further_workspace_ids: Collection[str] = (),
    api_key_id: str | None = None,
    **fields: Any,
) -> tuple[ApiKey, str]:
    """Make a key; returns the row and the whole text of the key, which exists nowhere else.

    `fields` are further columns of ApiKey. A caller who may ask twice for one key names its id, made by
    `new_id`. Raises ApiKeyMade the second time.
    """
    key_text = make_key()
    api_key = ApiKey(
        **fields,
        workspace_id=workspace_id,
        label=label,
        public_prefix=key_text.public_prefix,
        digest=digest(key_text.text),
        permissions=_as_set(permissions),
    )
    if api_key_id:
        api_key.pk = api_key_id
    try:
        with atomic():
            api_key.save(force_insert=True, using=write_database(ApiKey))
            if further_workspace_ids:
                api_key.further_workspaces.add(*_locked_workspaces(further_workspace_ids))
    except IntegrityError:
        if api_key_id and ApiKey.objects.filter(pk=api_key_id).exists():
            raise ApiKeyMade from None
        raise
    return api_key, key_text.text


def find_api_key(*, text: str, workspace_id: str | None = None) -> tuple[ApiKey, bool] | None:
    """The usable key of this text, and whether it may use `workspace_id` (None: its default one).

    One query; None for every miss alike: malformed, unknown, wrong secret, revoked, expired.
    """
    prefix = public_prefix(text)
    if prefix is None:
        return None
    using = write_database(ApiKey)  # a replica would know a revoked key as usable
    rows = reconnecting(using, lambda: FIND.rows(using, [workspace_id or "", prefix]))
    if not rows:
        return None
    *values, is_further = rows[0]
    api_key = ApiKey.from_db(using, COLUMNS, values)
    if not matches(text, api_key.digest) or not api_key.is_usable:
        return None
    note_use(api_key)
    return api_key, workspace_id in (None, api_key.workspace_id) or bool(is_further)


def grants_that_hold(grants: Collection[tuple[str, str]], permission: Permission) -> set[tuple[str, str]]:
    """Those of the pairs of key and workspace in which the key is usable, and may do this."""
    key_ids = {key_id for key_id, _ in grants}
    # A row for each further workspace, or one where there is none.
    rows = (
        ApiKey.objects.using(write_database(ApiKey))
        .active()
        .filter(pk__in=key_ids)
        .values_list("pk", "permissions", "workspace_id", "further_workspaces")
    )
    return {
        (key_id, workspace_id)
        for key_id, permissions, *workspace_ids in rows
        if permission in permissions
        for workspace_id in workspace_ids
    } & set(grants)


def update_api_key(
    *,
    workspace_id: str,
    api_key_id: str,
    changes: Mapping[str, Any],
    expected_version: Version | None = None,
    authorize: Authorize | None = None,
) -> ApiKey:
    """Give these fields of a key new values; a key set inactive fails at the very next request.

    Values that it holds already change nothing. `authorize` raises what refuses the change. Raises
    ApiKeyNotFound, and ChangedMeanwhile where the row is no longer as `expected_version` says.
    """
    require_editable(changes, EDITABLE)
    values = {name: _as_set(value) if name == "permissions" else value for name, value in changes.items()}
    keys = ApiKey.objects.for_workspace(workspace_id).filter(pk=api_key_id)
    with atomic():
        # A row for each further workspace, or one where there is none.
        joined = keys.select_for_update(of=("self",)).annotate(further_id=F("further_workspaces"))
        rows: list[Any] = list(joined)
        if not rows:
            raise ApiKeyNotFound
        before: ApiKey = rows[0]
        after = copy(before)
        require_version(before, expected_version)
        changed = differing(before, values)
        if changed:
            changed["updated_at"] = timezone.now()
        for name, value in changed.items():
            setattr(after, name, value)
        if authorize:
            authorize(before, after, {row.further_id for row in rows if row.further_id})
        if changed:
            keys.update(**changed)
    return after


def change_further_workspaces(
    *, workspace_id: str, api_key_id: str, added_ids: Collection[str], removed_ids: Collection[str]
) -> None:
    """Let a key use these workspaces too, or no longer; the others stay. Raises ApiKeyNotFound."""
    keys = ApiKey.objects.for_workspace(workspace_id).filter(pk=api_key_id)
    with atomic():
        api_key = locked(keys, ApiKeyNotFound)
        held = set(api_key.further_workspaces.values_list("pk", flat=True))
        removed, added = held.intersection(removed_ids), set(added_ids) - held
        api_key.further_workspaces.remove(*Workspace.objects.filter(pk__in=removed))
        api_key.further_workspaces.add(*_locked_workspaces(added))
        if removed or added:
            keys.update(updated_at=timezone.now())


def delete_api_key(*, workspace_id: str, api_key_id: str) -> None:
    """Delete a key; it fails at the very next request. Raises ApiKeyNotFound."""
    with atomic():
        # Locked first: a workspace that is being made with this key waits, and then finds it gone.
        locked(ApiKey.objects.for_workspace(workspace_id).filter(pk=api_key_id), ApiKeyNotFound).delete()


def _locked_workspaces(ids: Collection[str]) -> Iterable[Workspace]:
    """Locked, so that none is deleted before the commit."""
    return Workspace.objects.select_for_update().filter(pk__in=ids)


def _as_set(permissions: Collection[str]) -> list[str]:
    return sorted(set(permissions))
