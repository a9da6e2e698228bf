"""The kinds of parts. A further one is a further class."""

from collections.abc import Mapping
from typing import Any, ClassVar

from messaging.values.json import dumps

from .failures import says_failure
from .kinds import DETAILS, JSONObject, Kind, Part, Result, is_text, text_or_none


class PartKind(Kind):
    """A part of a message."""

    known: ClassVar[dict[str, type["PartKind"]]] = {}
    fields: ClassVar[tuple[str, ...]] = ()
    """Every field but `id`, `type` and `metadata`, in the order of the wire."""
    texts: ClassVar[tuple[str, ...]] = ()
    """Those of them that hold a text or null."""
    required: ClassVar[tuple[str, ...]] = ()
    """Those of them that are never null."""
    content_column: ClassVar[str | None] = None
    """The column of Part that holds its share of the content of the message."""

    def __init_subclass__(cls) -> None:
        others = (cls.payload, f"{cls.payload}_ref", "is_error")
        cls.texts = tuple(name for name in cls.fields if name not in others)
        if cls.type and cls.is_known:
            PartKind.known[cls.type] = cls

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        has_metadata = isinstance(given.get("metadata"), dict | None)
        has_required = all(isinstance(given.get(name), str) for name in cls.required)
        return has_metadata and has_required and all(is_text(given.get(name)) for name in cls.texts)

    @property
    def is_failure(self) -> bool:
        """Whether its author says that a tool failed."""
        return False

    @property
    def tells_failure(self) -> bool:
        """Whether it tells of a tool that failed, by what its author says of it or by what it holds."""
        return self.is_failure

    def stored(self) -> Part:
        """The part with the fields of its kind, and no others."""
        return {"type": self.type, **self._values(), "metadata": self.given.get("metadata")}

    def complete(self, part_id: str) -> Part:
        """The same with its id, as it is shown."""
        return {"id": part_id, **self.stored()}

    def payload_text(self) -> str:
        """The payload as text; how it begins, where it is kept outside."""
        if ref := self.given.get(f"{self.payload}_ref"):
            return ref.get("preview_text") or ""
        value = self.given.get(self.payload or "")
        if value is None or isinstance(value, str):
            return value or ""
        return dumps(value).decode()

    def _values(self) -> JSONObject:
        values = {name: self.given.get(name) for name in self.fields}
        return values | {name: "" for name in self.required if values[name] is None}


class TextPart(PartKind):
    type = "text"
    fields = required = ("text",)
    content_column = "text"

    @property
    def text(self) -> str | None:
        return str(self.given["text"])


class ReasoningPart(PartKind):
    type = "reasoning"
    fields = required = ("text",)


class FilePart(PartKind):
    type = "file"
    fields = ("file_id", "url", "mime_type", "detail")

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        return super().reads(given) and given.get("detail") in (*DETAILS, None)

    @property
    def attachments(self) -> list[JSONObject]:
        given = {name: self.given.get(name) for name in (*self.fields, "metadata")}
        return [{"type": "file"} | {name: value for name, value in given.items() if value is not None}]


class DataPart(PartKind):
    type = "data"
    fields = ("data", "data_ref", "data_type", "mime_type")
    payload = "data"


class ToolCallPart(PartKind):
    type = "tool-call"
    fields = ("tool_name", "tool_call_id", "args", "args_ref")
    required = ("tool_name",)
    payload = "args"

    @property
    def call(self) -> JSONObject | None:
        """Arguments that are kept outside show how they begin, and `args_ref` says where the whole is."""
        function = {"name": self.given["tool_name"], "arguments": self.payload_text() or "{}"}
        call = {"id": self.given.get("tool_call_id"), "type": "function", "function": function}
        return call | {"args_ref": self.given["args_ref"]} if self.given.get("args_ref") else call


class _ResultPart(PartKind):
    """What comes back of a call."""

    required = ("tool_name",)

    @property
    def result(self) -> Result | None:
        return {
            "tool_call_id": self.given.get("tool_call_id"),
            "name": self.given["tool_name"],
            "is_error": self.is_failure,
            "output": self.text or "",
        }


class ToolResultPart(_ResultPart):
    type = "tool-result"
    fields = ("tool_name", "tool_call_id", "output", "output_ref", "mime_type", "is_error", "error_text")
    payload = "output"
    content_column = "payload"

    @property
    def text(self) -> str | None:
        return self.payload_text() or self.given.get("error_text") or ""

    @property
    def is_failure(self) -> bool:
        return bool(self.given.get("is_error"))

    @property
    def tells_failure(self) -> bool:
        ref = self.given.get("output_ref")
        output = ref.get("preview_text") if ref else self.given.get("output")
        return self.is_failure or bool(self.given.get("error_text")) or says_failure(output)

    def _values(self) -> JSONObject:
        return super()._values() | {"is_error": self.is_failure}


class ToolErrorPart(_ResultPart):
    type = "tool-error"
    fields = ("tool_name", "tool_call_id", "input", "input_ref", "mime_type", "error_text")
    payload = "input"
    content_column = "error_text"

    @property
    def text(self) -> str | None:
        return self.given.get("error_text") or ""

    @property
    def is_failure(self) -> bool:
        return True


class UnknownPart(DataPart):
    """What no kind reads, whole, as data under the name that it gave itself."""

    is_known = False

    def __init__(self, value: object) -> None:
        named = value.get("type") if isinstance(value, Mapping) else None
        super().__init__({"data": value, "data_type": text_or_none(named)})


def part_of(given: object) -> PartKind:
    """A part read through its kind."""
    if isinstance(given, Mapping):
        kind = PartKind.known.get(str(given.get("type")))
        if kind is not None and kind.reads(given):
            return kind(given)
    return UnknownPart(given)


def part_of_row(row: Mapping[str, Any]) -> PartKind:
    """A part as the columns of its row hold it, whose values need not be parsed."""
    kind = PartKind.known.get(row["type"])
    if kind is None:
        return UnknownPart({name: value for name, value in row.items() if value is not None})
    if kind.payload is None:
        return kind(row)
    return kind({**row, kind.payload: row["payload"], f"{kind.payload}_ref": row["payload_ref"]})
