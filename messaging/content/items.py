"""The kinds of items that contents are made of, in whichever dialect. A further one is a further class."""

from collections.abc import Mapping
from typing import Any, ClassVar

from .kinds import DETAILS, JSONObject, Kind, Link, Part, is_text
from .parts import UnknownPart


class ItemKind(Kind):
    """An item of a content."""

    known: ClassVar[dict[str, type["ItemKind"]]] = {}

    def __init_subclass__(cls) -> None:
        if cls.type:
            ItemKind.known[cls.type] = cls

    def part(self, link: Link) -> Part:
        """The item as a part, not yet complete."""
        raise NotImplementedError


class _TextItem(ItemKind):
    """An item that is text."""

    remark: ClassVar[str | None] = None
    """The field that the part keeps in its metadata."""

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        return isinstance(given.get("text"), str)

    @property
    def text(self) -> str | None:
        return str(self.given["text"])

    def part(self, link: Link) -> Part:
        remark = self.given.get(self.remark or "")
        return {"type": "text", "text": self.text, "metadata": {self.remark: remark} if remark else None}


class InputText(_TextItem):
    type = "input_text"


class OutputText(_TextItem):
    type = "output_text"
    remark = "annotations"


class OutputGuardrail(_TextItem):
    type = "output_guardrail"

    def part(self, link: Link) -> Part:
        return super().part(link) | {"metadata": {"guardrail": self.given.get("guardrail")}}


class InputImage(ItemKind):
    type = "input_image"
    payload = "image_url"

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        texts = (given.get(name) for name in ("file_id", "image_url"))
        return all(map(is_text, texts)) and _is_image_ref(given.get("image_url_ref"))

    @property
    def attachment(self) -> JSONObject | None:
        given = {"url": self.given.get("image_url")} | {
            name: self.given.get(name) for name in ("file_id", "detail")
        }
        attachment = {"type": "image"} | {name: value for name, value in given.items() if value is not None}
        if ref := self.given.get("image_url_ref"):
            attachment |= {"object_id": ref["object_id"], "mime_type": ref["mime_type"]}
        return attachment

    def part(self, link: Link) -> Part:
        detail, url = self.given.get("detail"), self.given.get("image_url")
        part = {
            "type": "file",
            "file_id": self.given.get("file_id"),
            "detail": detail if detail in DETAILS else None,
        }
        if ref := self.given.get("image_url_ref"):
            return part | {"url": link(ref["object_id"]), "mime_type": ref["mime_type"]}
        return part | {"url": url, "mime_type": mime_type_of(url)}


class InputFile(ItemKind):
    type = "input_file"

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        return isinstance(given.get("file_id"), str)

    @property
    def attachment(self) -> JSONObject | None:
        return self.part(str)

    def part(self, link: Link) -> Part:
        return {"type": "file", "file_id": self.given["file_id"]}


class UnknownItem(ItemKind):
    """What no kind reads, whole."""

    is_known = False

    def __init__(self, value: object) -> None:
        super().__init__({})
        self.value = value

    def part(self, link: Link) -> Part:
        return UnknownPart(self.value).stored()


def item_of(given: object) -> ItemKind:
    """An item read through its kind."""
    if isinstance(given, Mapping):
        kind = ItemKind.known.get(str(given.get("type")))
        if kind is not None and kind.reads(given):
            return kind(given)
    return UnknownItem(given)


def items_in(structured_content: object) -> list[ItemKind]:
    """The items of a content as it was sent; of what is no list, the one."""
    if structured_content is None:
        return []
    given = structured_content if isinstance(structured_content, list) else [structured_content]
    return [item_of(item) for item in given]


def mime_type_of(url: str | None) -> str | None:
    """What a data URL says of itself."""
    if url and url.startswith("data:"):
        return url.removeprefix("data:").partition(",")[0].partition(";")[0] or None
    return None


def _is_image_ref(ref: object) -> bool:
    if ref is None:
        return True
    named = ("object_id", "mime_type", "prefix")
    return isinstance(ref, dict) and all(isinstance(ref.get(name), str) for name in named)
