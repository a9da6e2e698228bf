"""Making, changing and deleting workspaces."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from messaging.exceptions import SlugTaken, WorkspaceNotEmpty, WorkspaceNotFound
from messaging.models import (
    ApiKey,
    Change,
    Conversation,
    IdempotencyRecord,
    Job,
    Membership,
    Memory,
    MemoryRevision,
    MemorySource,
    Webhook,
    WebhookDelivery,
    Workspace,
)
from messaging.values.choices import ChangeKind

from .deletion import delete_locked
from .memories.cursors import forget_cursors
from .recording import change_of, record
from .removal import remove_rows
from .retries.answers import forget_answers_of
from .rows import Version, differing, locked, locked_ids, require_editable
from .transactions import atomic, write_database

EDITABLE = frozenset({"name", "slug", "meta_data"})


def create_workspace(
    *,
    name: str,
    slug: str | None = None,
    meta_data: dict[str, Any] | None = None,
    api_key_id: str | None = None,
) -> Workspace:
    """Make a workspace; without `slug` one is derived from the name. The key that asks for it may use it.

    Raises SlugTaken.
    """
    derived = slugify(name)[:80] or "workspace"
    workspace = Workspace(name=name, slug=slug or derived, meta_data=meta_data or {})
    with atomic():
        try:
            _save(workspace, force_insert=True)
        except SlugTaken:
            if slug:
                raise
            # The end of the id tells workspaces of one name apart, also those that are made at once.
            workspace.slug = f"{derived}-{workspace.pk[-8:]}"
            _save(workspace, force_insert=True)
        if api_key_id is not None:
            workspace.further_keys.add(api_key_id)  # type: ignore[arg-type]  # the stubs know numbers only
        record(change_of(ChangeKind.WORKSPACE_CREATED, workspace.pk))
    return workspace


def update_workspace(
    *, workspace_id: str, changes: Mapping[str, Any], expected_version: Version | None = None
) -> Workspace:
    """Give fields of a workspace new values. Values that it holds already change nothing.

    Raises WorkspaceNotFound, SlugTaken, and ChangedMeanwhile where the row is no longer
    as `expected_version` says.
    """
    require_editable(changes, EDITABLE)
    with atomic():
        workspace = locked(Workspace.objects.filter(pk=workspace_id), WorkspaceNotFound, expected_version)
        values = differing(workspace, changes)
        if not values:
            return workspace
        for name, value in values.items():
            setattr(workspace, name, value)
        workspace.updated_at = timezone.now()
        _save(workspace, update_fields=[*values, "updated_at"])
        record(change_of(ChangeKind.WORKSPACE_UPDATED, workspace.pk))
    return workspace


def delete_workspace(*, workspace_id: str, force: bool = False) -> None:
    """Delete a workspace, its keys, and with `force` its memories, its conversations and all below them.

    Raises WorkspaceNotFound, and WorkspaceNotEmpty where it holds any of these and `force` is not set.
    """
    with atomic():
        # The workspace's lock holds off new conversations and keys, those of its keys new workspaces, which
        # come with a reference to the key that asked, and those of its conversations the writers of messages.
        workspace = locked(Workspace.objects.filter(pk=workspace_id), WorkspaceNotFound)
        api_keys = locked_ids(ApiKey.objects.for_workspace(workspace_id))
        conversations = locked_ids(Conversation.objects.for_workspace(workspace_id))
        memories = locked_ids(Memory.objects.for_workspace(workspace_id))
        if (conversations or memories) and not force:
            raise WorkspaceNotEmpty
        delete_locked(workspace_id, conversations)
        _forget_answers(workspace)
        _delete_rows_of_workspace(workspace_id, api_keys)


def _delete_rows_of_workspace(workspace_id: str, api_key_ids: Sequence[str]) -> None:
    """Delete a workspace without conversations, with its keys, memories, webhooks, members, answers and
    jobs."""
    grants = ApiKey.further_workspaces.through._default_manager.using(write_database())
    grants.filter(Q(workspace=workspace_id) | Q(apikey__in=api_key_ids)).delete()
    remove_rows(ApiKey.objects.for_workspace(workspace_id))
    remove_rows(Membership.objects.for_workspace(workspace_id))
    remove_rows(IdempotencyRecord.objects.for_workspace(workspace_id))
    remove_rows(MemorySource.objects.for_workspace(workspace_id))
    remove_rows(MemoryRevision.objects.for_workspace(workspace_id))
    remove_rows(Memory.objects.for_workspace(workspace_id))
    remove_rows(Job.objects.filter(workspace=workspace_id))
    forget_cursors(workspace_id)
    remove_rows(WebhookDelivery.objects.for_workspace(workspace_id))
    remove_rows(Webhook.objects.for_workspace(workspace_id))
    remove_rows(Change.objects.for_workspace(workspace_id))
    remove_rows(Workspace.objects.filter(pk=workspace_id))


def _forget_answers(workspace: Workspace) -> None:
    """Forget what the keys of other workspaces were answered when they made this one."""
    makers = workspace.further_keys.values_list("workspace_id", flat=True).distinct()
    for maker_id in makers.order_by("workspace_id"):
        forget_answers_of(maker_id, [workspace.pk])


def _save(workspace: Workspace, **options: Any) -> None:
    """`options` are those of `Model.save`."""
    try:
        with atomic():
            workspace.save(using=write_database(), **options)
    except IntegrityError:
        raise SlugTaken from None
