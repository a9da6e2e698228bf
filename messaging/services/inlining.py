"""What is shown of large values that are kept as files: their texts again, as far as an answer may carry."""

import base64
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from messaging.conf import parley_settings
from messaging.exceptions import StorageUnavailable
from messaging.models import StoredObject
from messaging.storage import storage_errors

from .objects import public_ref

logger = logging.getLogger("messaging")

Named = tuple[str, Mapping[str, Any]]
"""The id of a message, and a ref in it."""
Shown = dict[str, dict[str, str | dict[str, Any]]]
"""By the id of the message and of the object: the text, or the PublicStoredObjectRef."""


def shown_objects(named: Iterable[Named], *, workspace_id: str, budget: int | None = None) -> Shown:
    """What is shown for these refs, by one statement; nothing for those that name no object of their message.

    It is the text that was sent up to the bytes that the settings allow for one answer, or `budget`. Beyond
    them, or where its file cannot be read, it is the ref.
    """
    wanted = list(named)
    left = parley_settings().inline_objects_bytes if budget is None else budget
    shown: Shown = {}
    if not wanted:
        return shown
    objects = StoredObject.objects.for_workspace(workspace_id).with_ids(ref["object_id"] for _, ref in wanted)
    stored = {(row.message_id, row.pk): row for row in objects}
    for message_id, ref in wanted:
        if row := stored.get((message_id, ref["object_id"])):
            try:
                data = _data(row) if row.size_bytes <= left else None
            except StorageUnavailable as error:
                logger.error("Large values are shown as references: %r", error.__cause__)
                data, left = None, -1  # it is not awaited for each of them
            left -= len(data or b"")
            text = None if data is None else _text(data, ref.get("prefix"))
            shown.setdefault(message_id, {})[row.pk] = public_ref(row) if text is None else text
    return shown


def _data(row: StoredObject) -> bytes | None:
    try:
        with storage_errors(), row.open() as file:
            content: bytes = file.read()
    except FileNotFoundError:  # the ref is an answer too
        logger.exception("could not read %s", row.path)
        return None
    return content


def _text(data: bytes, prefix: object) -> str | None:
    """The text that the object was made of: a data URL, where the ref has what its bytes stood behind."""
    if isinstance(prefix, str):
        return prefix + base64.b64encode(data).decode()
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
