"""Large values as files in a storage: written before the row that names them, gone when that row is."""

import base64
import binascii
import hashlib
import logging
import re
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from messaging.conf import object_storage, parley_settings
from messaging.models import StoredObject
from messaging.values.ids import new_id
from messaging.values.json import dumps

from .transactions import reading_for_write

logger = logging.getLogger("messaging")

FOLDER = "parley"
PREVIEW_LENGTH = 256
DATA_URL = re.compile(r"(data:([\w.+-]+/[\w.+-]+)(?:;[\w.+=-]+)*;base64,)(.*)", re.DOTALL | re.ASCII)
MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?: ?; ?[\w-]+=[\w.+-]+)*", re.ASCII)
MAX_MIME_TYPE = 255
REF = ("size_bytes", "mime_type", "sha256", "preview_text", "truncated")


def public_ref(stored: StoredObject) -> dict[str, Any]:
    """A PublicStoredObjectRef: what clients may know of a stored object."""
    return {"object_id": stored.pk} | {name: getattr(stored, name) for name in REF}


NewObject = tuple[StoredObject, bytes]
"""A row that is about to be inserted, and what its file holds."""


@contextmanager
def written(objects: Iterable[NewObject], stored: Container[str]) -> Iterator[None]:
    """Within, the files are there; afterwards only those of messages in `stored`, if nothing was raised."""
    new: list[StoredObject] = []
    try:
        for row, content in objects:
            row.path = object_storage().save(row.path, ContentFile(content))
            new.append(row)
        yield
    except BaseException:
        remove_files(row.path for row in new)
        raise
    remove_files(row.path for row in new if row.message_id not in stored)


@dataclass(slots=True)
class NewObjects:
    """The objects of one message that is about to be written."""

    workspace_id: str
    message_id: str
    files: list[NewObject] = field(default_factory=list)

    def outsourced(self, value: object, mime_type: str | None) -> dict[str, Any] | None:
        """The ref in whose favour this JSON value leaves its row; None where it is small enough to stay."""
        raw = dumps(value)
        if len(raw) <= parley_settings().object_threshold_bytes:
            return None
        if isinstance(value, str):
            return self._add(
                value.encode(), mime_type if mime_type and is_mime_type(mime_type) else "text/plain", value
            )
        return self._add(raw, "application/json", raw.decode())

    def outsourced_image(self, url: str) -> dict[str, Any] | None:
        """The same for the data URL of an image; `prefix` in the ref is what its base64 text stood behind."""
        if len(url) <= parley_settings().object_threshold_bytes or not (match := DATA_URL.fullmatch(url)):
            return None
        prefix, mime_type, text = match.groups()
        try:
            content = base64.b64decode(text, validate=True)
        except binascii.Error:
            return None
        if base64.b64encode(content).decode() != text or not is_mime_type(mime_type):
            return None  # could not be given back as it was sent
        return self._add(content, mime_type, None) | {"prefix": prefix}

    def _add(self, content: bytes, mime_type: str, text: str | None) -> dict[str, Any]:
        object_id = new_id("obj")
        stored = StoredObject(
            id=object_id,
            workspace_id=self.workspace_id,
            message_id=self.message_id,
            path=object_path(self.workspace_id, object_id),
            size_bytes=len(content),
            mime_type=mime_type,
            sha256=hashlib.sha256(content).hexdigest(),
            preview_text=None if text is None else text[:PREVIEW_LENGTH],
            truncated=text is None or len(text) > PREVIEW_LENGTH,
        )
        self.files.append((stored, content))
        return public_ref(stored)


def object_path(workspace_id: str, object_id: str) -> str:
    """The name of the file of an object in the storage."""
    return f"{FOLDER}/{workspace_id}/{object_id}"


def is_mime_type(text: str) -> bool:
    """Whether this is a mime type that a header can carry."""
    return len(text) <= MAX_MIME_TYPE and MIME_TYPE.fullmatch(text) is not None


def remove_files(paths: Iterable[str]) -> None:
    """Delete these files; what cannot be deleted is logged and left to `remove_orphans`."""
    storage = object_storage()
    for path in paths:
        try:
            storage.delete(path)
        except Exception:
            logger.exception("could not delete %s", path)


@receiver(post_delete, sender=StoredObject, dispatch_uid="parley.stored_object")
def _remove_file(*, instance: StoredObject, using: str, **kwargs: object) -> None:
    """However the row went: by a service, or by a host with its message, conversation or workspace."""
    path = instance.path
    transaction.on_commit(lambda: remove_files([path]), using=using)


@reading_for_write()
def remove_orphans(
    *, older_than: timedelta, dry_run: bool = False, should_stop: Callable[[], bool] = lambda: False
) -> list[str]:
    """Delete the files that no row names and that are older than this; returns their paths.

    Younger ones may belong to a write that has not committed yet.
    """
    storage, limit, orphans = object_storage(), timezone.now() - older_than, []
    for path in _unnamed(storage):
        if should_stop():
            break
        if storage.get_modified_time(path) < limit:
            orphans.append(path)
            remove_files([] if dry_run else [path])
    return orphans


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
        return storage.listdir(folder)
    except FileNotFoundError:
        return [], []
