"""What threads do when the store acts: give up stale locks, and remove the files of what is deleted."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from messaging.models import Conversation, StoredObject
from messaging.signals import lock_contested

from .objects import remove_files
from .runs import release_if_stale


@receiver(lock_contested, sender=Conversation, dispatch_uid="threads.stale_run")
def give_up_stale_run(*, workspace_id: str, run_id: str, **kwargs: Any) -> bool:
    return release_if_stale(workspace_id=workspace_id, run_id=run_id)


@receiver(post_delete, sender=StoredObject, dispatch_uid="threads.stored_object")
def remove_file(*, instance: StoredObject, using: str, **kwargs: Any) -> None:
    """However the row went: with its message, its thread, or its workspace."""
    path = instance.path
    transaction.on_commit(lambda: remove_files([path]), using=using)
