"""What a message of another store says, piece by piece, and how the store keeps it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Any, Protocol

from messaging.conf import parley_settings
from messaging.content import calls_of, part_of
from messaging.services import ImportedMessage, ImportedObject, fingerprint_of
from messaging.values.json import dumps
from messaging.values.types import JSONObject

from .fields import MessageFields
from .kinds import Kinds, Outcome

PLAIN = frozenset({"text", "tool-call", "file"})
"""The parts that text, calls and attachments of a message say; any other one takes rows of parts."""
NAME_LENGTH = 64
PREVIEW_LENGTH = 256


class FileHere(Protocol):
    """A file that came along with the conversations."""

    @property
    def key(self) -> str:
        """What tells it from the other files of a message."""

    @property
    def name(self) -> str:
        """The name that a person gave it."""

    @property
    def size(self) -> int: ...

    @property
    def mime_type(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    @property
    def preview(self) -> str | None:
        """How it begins; None where it is not text."""

    def open(self) -> IO[bytes]:
        """The bytes."""


@dataclass(slots=True)
class Content:
    """Pieces of a message in the order of the source, and the kinds that they were of."""

    parts: list[JSONObject] = field(default_factory=list)
    attachments: list[JSONObject] = field(default_factory=list)
    about: JSONObject = field(default_factory=dict)
    """What describes the pieces, for the meta data of the message."""
    objects: dict[str, ImportedObject] = field(default_factory=dict)
    """The files that came along, by the ids that the attachments name them by."""
    missing: list[str] = field(default_factory=list)
    """Names or ids of the files that did not."""
    kinds: Kinds = field(default_factory=Kinds)

    def describe(self, name: str, value: object) -> None:
        """Add to what describes the pieces of this name."""
        self.about.setdefault(name, []).append(value)

    def count(self, kind: object, outcome: Outcome = Outcome.WHOLE) -> None:
        """Note what became of a content of this kind."""
        self.kinds[kind_name(kind), outcome] += 1

    def text(self, text: str, **remarks: object) -> None:
        """Words; `remarks` are what the source says of them."""
        if text:
            self.parts.append({"type": "text", "text": text, "metadata": _present(remarks)})

    def reasoning(self, text: str, **remarks: object) -> None:
        """What the model thought."""
        self.parts.append({"type": "reasoning", "text": text, "metadata": _present(remarks)})

    def call(self, name: str, call_id: str, arguments: object) -> None:
        """A call of a tool."""
        self.parts.append(
            {"type": "tool-call", "tool_name": name, "tool_call_id": call_id, "args": arguments}
        )

    def result(
        self, name: str, call_id: str | None, output: object, *, is_error: bool, **remarks: object
    ) -> None:
        """What a tool answered."""
        part = {"type": "tool-result", "tool_name": name, "tool_call_id": call_id, "output": output}
        self.parts.append({**part, "is_error": is_error, "metadata": _present(remarks)})

    def file(self, attachment: JSONObject) -> None:
        """A file or image, as attachments say it."""
        self.attachments.append(attachment)

    def bring(self, attachment: JSONObject, file: FileHere | None) -> JSONObject:
        """An attachment with the file that it refers to; without one it is noted as missing."""
        name = text_or_none(attachment.get("name"))
        if file is None:
            self.missing.append(str(name or attachment.get("file_id") or attachment.get("id") or "(no name)"))
            return attachment
        columns = {"size_bytes": file.size, "mime_type": file.mime_type, "sha256": file.sha256}
        is_cut = file.preview is None or len(file.preview.encode()) < file.size
        fields = {**columns, "preview_text": file.preview, "truncated": is_cut}
        self.objects[file.key] = ImportedObject(id=file.key, fields=fields, content=file.open)
        own = {"object_id": file.key, "mime_type": file.mime_type, "size": file.size}
        return {**attachment, "name": name or file.name, **own}

    def data(self, kind: object, value: object) -> None:
        """What nobody foresaw, whole."""
        self.parts.append({"type": "data", "data": value, "data_type": kind_name(kind)})

    @property
    def words(self) -> str:
        """All texts."""
        return "\n".join(part["text"] for part in self.parts if part["type"] == "text")

    @property
    def is_empty(self) -> bool:
        """Whether nothing but white space is left of it."""
        others = any(part["type"] != "text" for part in self.parts)
        return not others and not self.attachments and not self.words.strip()

    def columns(self) -> dict[str, Any]:
        """Text, calls and attachments of the message."""
        return {
            "content": self.words,
            "tool_calls": calls_of(map(part_of, self.parts)),
            "attachments": self.attachments or None,
        }

    def rows(self) -> list[JSONObject]:
        """The parts that need rows of their own; none where the columns say everything."""
        if all(part["type"] in PLAIN and not part.get("metadata") for part in self.parts):
            return []
        parts = enumerate(self._all())
        return [{"id": str(number), **self._without_bulk(f"part-{number}", part)} for number, part in parts]

    def message(
        self,
        vendor: str,
        name: str,
        fields: MessageFields,
        before: ImportedMessage | None,
        *,
        is_current: bool,
    ) -> ImportedMessage:
        """The message of an account that says this. `before` is the one that it follows."""
        return ImportedMessage(
            name=name,
            dedup_key=fingerprint_of(vendor.encode(), name.encode()),
            parent=before.name if before and not is_current else None,
            draft=replace(fields.draft(), parts=self.rows()),
            objects=list(self.objects.values()),
        )

    def _all(self) -> list[JSONObject]:
        files = [self._file_part(attachment) for attachment in self.attachments]
        return [part_of(part).stored() | _ref_of(part) for part in [*self.parts, *files]]

    def _without_bulk(self, key: str, part: JSONObject) -> JSONObject:
        """A part with a ref in place of a payload that is too large for its row."""
        payload = part_of(part).payload or ""
        value = part.get(payload)
        raw = value.encode() if isinstance(value, str) else dumps(value)
        if value is None or len(raw) <= parley_settings().object_threshold_bytes:
            return part
        stored = text_object(key, raw, "text/plain" if isinstance(value, str) else "application/json")
        self.objects[key] = stored
        return {**part, payload: None, f"{payload}_ref": {"object_id": key, **stored.fields}}

    def _file_part(self, attachment: JSONObject) -> JSONObject:
        """An attachment as a part; one with a file is data, whose bytes are kept outside of its row."""
        stored = self.objects.get(str(attachment.get("object_id")))
        if stored is None:
            return {
                "type": "file",
                "file_id": text_or_none(attachment.get("file_id")),
                "metadata": attachment,
            }
        ref = {"object_id": stored.id, **stored.fields}
        data = {"type": "data", "data_ref": ref, "data_type": text_or_none(attachment.get("name"))}
        return data | {"mime_type": attachment["mime_type"]}


def text_object(key: str, raw: bytes, mime_type: str) -> ImportedObject:
    """A text that is kept outside of its row."""
    text = raw.decode()
    fields = {
        "size_bytes": len(raw),
        "mime_type": mime_type,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "preview_text": text[:PREVIEW_LENGTH],
        "truncated": len(text) > PREVIEW_LENGTH,
    }
    return ImportedObject(id=key, fields=fields, content=raw)


def call_part(call: object) -> JSONObject:
    """A call in OpenAI's shape as a part; what is none is data."""
    given = as_object(call)
    function = as_object(given.get("function"))
    if not isinstance(function.get("name"), str):
        return {"type": "data", "data": call, "data_type": "tool call"}
    name, arguments = function["name"], function.get("arguments")
    call_id = text_or_none(given.get("id"))
    return {"type": "tool-call", "tool_name": name, "tool_call_id": call_id, "args": arguments}


def _ref_of(part: JSONObject) -> JSONObject:
    return {name: part[name] for name in ("data_ref",) if name in part}


def text_or_none(value: object) -> str | None:
    """The value if it is a text."""
    return value if isinstance(value, str) else None


def kind_name(kind: object) -> str:
    """The name of a kind as reports and parts show it."""
    return kind[:NAME_LENGTH] if isinstance(kind, str) and kind else "(no kind)"


def as_text(value: object) -> str:
    """A text as it is, any other value as JSON."""
    return value if isinstance(value, str) else dumps(value).decode()


def as_object(value: object) -> Mapping[str, Any]:
    """An object as it is; an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """A list as it is; an empty one for any other value."""
    return value if isinstance(value, list) else []


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are not null."""
    return {name: value for name, value in values.items() if value is not None}


def says_something(value: object) -> bool:
    """Whether there is more to a value than null, false and what is empty."""
    if isinstance(value, Mapping):
        return any(map(says_something, value.values()))
    if isinstance(value, list):
        return any(map(says_something, value))
    return value not in (None, "", False)


def _present(remarks: Mapping[str, object]) -> dict[str, object] | None:
    return present(remarks) or None
