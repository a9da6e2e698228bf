"""Large values leave the rows of their messages, for objects that have a row and a file each."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from messaging.conf import parley_settings
from messaging.models import StoredObject
from messaging.values.ids import new_id
from messaging.values.json import dumps

from .files import NewObject, file_path

PREVIEW_LENGTH = 256
DATA_URL = re.compile(r"(data:([\w.+-]+/[\w.+-]+)(?:;[\w.+=-]+)*;base64,)(.*)", re.DOTALL | re.ASCII)
MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?: ?; ?[\w-]+=[\w.+-]+)*", re.ASCII)
MAX_MIME_TYPE = 255
REF = ("size_bytes", "mime_type", "sha256", "preview_text", "truncated")


def public_ref(stored: StoredObject) -> dict[str, Any]:
    """A PublicStoredObjectRef: what clients may know of a stored object."""
    return {"object_id": stored.pk} | {name: getattr(stored, name) for name in REF}


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

    def outsourced_text(self, text: str) -> dict[str, Any] | None:
        """The same for a text of whatever meaning: a data URL leaves as the bytes that it holds."""
        if (
            len(text) <= parley_settings().object_threshold_bytes // 6
        ):  # as JSON it has six bytes for each at most
            return None
        return self.outsourced_image(text) or self.outsourced(text, None)

    def _add(self, content: bytes, mime_type: str, text: str | None) -> dict[str, Any]:
        object_id = new_id("obj")
        stored = StoredObject(
            id=object_id,
            workspace_id=self.workspace_id,
            message_id=self.message_id,
            path=file_path(self.workspace_id, object_id),
            size_bytes=len(content),
            mime_type=mime_type,
            sha256=hashlib.sha256(content).hexdigest(),
            preview_text=None if text is None else text[:PREVIEW_LENGTH],
            truncated=text is None or len(text) > PREVIEW_LENGTH,
        )
        self.files.append((stored, content))
        return public_ref(stored)


def is_mime_type(text: str) -> bool:
    """Whether this is a mime type that a header can carry."""
    return len(text) <= MAX_MIME_TYPE and MIME_TYPE.fullmatch(text) is not None
