"""Files of stored objects: written before the rows that name them, and gone when those rows are."""

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.db import DatabaseError, connections, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from messaging.conf import object_storage
from messaging.exceptions import StorageUnavailable
from messaging.models import Job, StoredObject
from messaging.sql.conditions import OneOf
from messaging.storage import storage_errors

from .transactions import reading_for_write, write_database

logger = logging.getLogger("messaging")

FOLDER = "parley"
REMOVAL = "remove_files"
"""The job that deletes files which could not be deleted with their rows."""
REMOVAL_ATTEMPTS = 20
AT_ONCE = 100
"""Files that are deleted by whoever deleted the rows; a job deletes what is beyond."""

ObjectContent = bytes | Callable[[], IO[bytes]]
"""The bytes of an object, or a function that opens a file with them, which is closed once it was read."""
NewObject = tuple[StoredObject, ObjectContent]
"""A row that is about to be inserted, and what its file holds."""


@contextmanager
def written(objects: Iterable[NewObject], stored: Container[str]) -> Iterator[None]:
    """Within, the files are there; afterwards only those of messages in `stored`, if nothing was raised.

    Raises StorageUnavailable where the storage takes no file; nothing is left of any of them then.
    """
    new: list[StoredObject] = []
    try:
        for row, content in objects:
            new.append(row)
            _save(row, content)
        yield
    except BaseException:
        _clear(row.path for row in new)
        raise
    _clear(row.path for row in new if row.message_id not in stored)


def file_path(workspace_id: str, object_id: str) -> str:
    """A name for the file of an object in the storage, which no other file ever has.

    An object that is deleted and imported anew gets another, so that a late deletion cannot meet it.
    """
    return f"{FOLDER}/{workspace_id}/{object_id}-{token_hex(8)}"


def remove_files(paths: Sequence[str]) -> int:
    """Delete these files, whose rows are gone; returns how many. Raises StorageUnavailable."""
    for path in paths:
        _delete(path)
    return len(paths)


@reading_for_write()
def remove_orphans(
    *, older_than: timedelta, dry_run: bool = False, should_stop: Callable[[], bool] = lambda: False
) -> list[str]:
    """Delete the files that no row names and that are older than this; returns their paths.

    Younger ones may belong to a write that has not committed yet. Raises StorageUnavailable.
    """
    storage, limit, orphans = object_storage(), timezone.now() - older_than, []
    for path in _unnamed(storage):
        if should_stop():
            break
        if storage.get_modified_time(path) < limit:
            if not dry_run:
                _delete(path)
            orphans.append(path)
    return orphans


def _save(row: StoredObject, content: ObjectContent) -> None:
    with _file_of(content) as file, storage_errors():
        row.path = object_storage().save(row.path, file)


def _file_of(content: ObjectContent) -> "File[Any]":
    return ContentFile(content) if isinstance(content, bytes) else File(content())


def _delete(path: str) -> None:
    with storage_errors(), suppress(FileNotFoundError):
        object_storage().delete(path)


def _clear(paths: Iterable[str]) -> None:
    """Delete files of a write that did not happen; `remove_orphans` deletes what is left."""
    try:
        remove_files([*paths])
    except StorageUnavailable as error:  # not awaited for each of them
        logger.warning("Files of a write that did not happen stay for now: %r", error.__cause__)


@dataclass(slots=True)
class _Removal:
    """Files to be deleted once their rows are gone for certain, unless other rows share them."""

    files: list[tuple[str, str]] = field(default_factory=list)
    """(id of the workspace, path)."""

    def __call__(self) -> None:
        """Delete them, and have a job delete what is left: the caller's work is done and must not fail."""
        done, paths = 0, self._unshared()
        try:
            for path in paths[:AT_ONCE]:
                _delete(path)
                done += 1
        except StorageUnavailable as error:
            logger.error("Files are left for the job %s: %r", REMOVAL, error.__cause__)
        if left := paths[done:]:
            self._leave(left)

    def _unshared(self) -> list[str]:
        """Those that no row names any more: a fork shares the files of its original."""
        try:
            shared = {
                path for workspace_id in {one for one, _ in self.files} for path in self._named(workspace_id)
            }
        except DatabaseError:
            logger.exception("%d files are left for the job remove_orphaned_objects", len(self.files))
            return []
        return [path for _, path in self.files if path not in shared]

    def _named(self, workspace_id: str) -> Iterable[str]:
        """Those of this workspace that a row names."""
        paths = [path for one, path in self.files if one == workspace_id]
        rows = StoredObject.objects.using(write_database()).for_workspace(workspace_id)
        return rows.filter(OneOf("path", paths)).values_list("path", flat=True)

    def _leave(self, paths: Sequence[str]) -> None:
        try:
            Job.objects.create(kind=REMOVAL, parameters={"paths": paths}, max_attempts=REMOVAL_ATTEMPTS)
        except Exception:
            logger.exception("%d files are left for the job remove_orphaned_objects", len(paths))


@receiver(post_delete, sender=StoredObject, dispatch_uid="parley.stored_object")
def _remove_file(*, instance: StoredObject, using: str, **kwargs: object) -> None:
    """However the row went: by a service, or by a host with its message, conversation or workspace."""
    if removal := _pending_removal(using):
        removal.files.append((instance.workspace_id, instance.path))
    else:
        transaction.on_commit(_Removal([(instance.workspace_id, instance.path)]), using=using)


def _pending_removal(using: str) -> _Removal | None:
    """The removal that this transaction asked for last, where it shares the fate of this moment."""
    connection = connections[using]
    if connection.in_atomic_block and connection.run_on_commit:
        savepoints, call, *_ = connection.run_on_commit[-1]
        if isinstance(call, _Removal) and savepoints == set(connection.savepoint_ids):
            return call
    return None


def _unnamed(storage: Storage) -> Iterator[str]:
    """The files of our folder that no row names, workspace by workspace."""
    for workspace_id in _listed(storage, FOLDER)[0]:
        folder = f"{FOLDER}/{workspace_id}"
        # Listed first: what is written in between has its row by then, or is too young to matter.
        files = [f"{folder}/{name}" for name in _listed(storage, folder)[1]]
        stored = StoredObject.objects.for_workspace(workspace_id)
        named = set(stored.values_list("path", flat=True))
        yield from (path for path in files if path not in named)


def _listed(storage: Storage, folder: str) -> tuple[list[str], list[str]]:
    """(folders, files) in a folder; nothing in one that does not exist."""
    try:
        with storage_errors():
            return storage.listdir(folder)
    except FileNotFoundError:
        return [], []
