"""The kinds of items that contents are made of, in whichever dialect. A further one is a further class."""

from collections.abc import Mapping
from typing import Any, ClassVar

from .attachments import ref_of
from .kinds import DETAILS, JSONObject, Kind, Link, Part, is_text, text_or_none
from .parts import UnknownPart


class ItemKind(Kind):
    """An item of a content."""

    known: ClassVar[dict[str, type["ItemKind"]]] = {}
    is_turn: ClassVar[bool] = False
    """Whether it is a message of its own, all of which its parts say."""

    def __init_subclass__(cls) -> None:
        if cls.type:
            ItemKind.known[cls.type] = cls

    @property
    def payload_prefix(self) -> str:
        """What makes a data URL of the payload; empty where it is one, if it is any."""
        return ""

    @property
    def role(self) -> str:
        """Of the message that it is, or would be."""
        return text_or_none(self.given.get("role")) or "assistant"

    def parts(self, link: Link) -> list[Part]:
        """The item as parts, not yet complete."""
        raise NotImplementedError


class _TextItem(ItemKind):
    """An item that is text."""

    words: ClassVar[str] = "text"
    """The field that holds it."""
    remark: ClassVar[str | None] = None
    """The field that the part keeps in its metadata."""

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        return isinstance(given.get(cls.words), str)

    @property
    def text(self) -> str | None:
        return str(self.given[self.words])

    @property
    def remarks(self) -> JSONObject | None:
        """The metadata of the part."""
        remark = self.given.get(self.remark or "")
        return {str(self.remark): remark} if remark else None

    def parts(self, link: Link) -> list[Part]:
        return [{"type": "text", "text": self.text, "metadata": self.remarks}]


class Text(_TextItem):
    type = "text"


class Refusal(_TextItem):
    type = "refusal"
    words = "refusal"

    @property
    def remarks(self) -> JSONObject | None:
        return {"refusal": True}


class InputText(_TextItem):
    type = "input_text"


class OutputText(_TextItem):
    type = "output_text"
    remark = "annotations"


class OutputGuardrail(_TextItem):
    type = "output_guardrail"

    @property
    def remarks(self) -> JSONObject | None:
        return {"guardrail": self.given.get("guardrail")}


class InputImage(ItemKind):
    type = "input_image"
    payload = "image_url"

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        texts = (given.get(name) for name in ("file_id", "image_url"))
        return all(map(is_text, texts)) and _is_image_ref(given.get("image_url_ref"))

    @property
    def attachments(self) -> list[JSONObject]:
        given = {"url": self.given.get("image_url")} | {
            name: self.given.get(name) for name in ("file_id", "detail")
        }
        attachment = {"type": "image"} | {name: value for name, value in given.items() if value is not None}
        if ref := ref_of(self.given, "image_url"):
            attachment |= {"object_id": ref["object_id"], "mime_type": text_or_none(ref.get("mime_type"))}
        return [attachment]

    def parts(self, link: Link) -> list[Part]:
        detail = self.given.get("detail")
        return [
            {
                "type": "file",
                "file_id": self.given.get("file_id"),
                "detail": detail if detail in DETAILS else None,
                **located(self.given, "image_url", link),
            }
        ]


class Screenshot(InputImage):
    type = "computer_screenshot"


class InputFile(ItemKind):
    type = "input_file"
    payload = "file_data"

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        named = [given.get(name) for name in ("file_id", "file_url", "file_data")]
        return all(map(is_text, named)) and (any(named) or ref_of(given, "file_data") is not None)

    @property
    def attachments(self) -> list[JSONObject]:
        [part] = self.parts(str)
        if ref := ref_of(self.given, "file_data"):
            part |= {"url": None, "object_id": ref["object_id"]}
        return [{name: value for name, value in part.items() if value is not None}]

    def parts(self, link: Link) -> list[Part]:
        url = located(self.given, "file_url", link)
        filename = text_or_none(self.given.get("filename"))
        return [
            {
                "type": "file",
                "file_id": self.given.get("file_id"),
                **(url if url["url"] else located(self.given, self.payload, link)),
                "metadata": {"filename": filename} if filename else None,
            }
        ]


class UnknownItem(ItemKind):
    """What no kind reads, whole."""

    is_known = False

    def __init__(self, value: object) -> None:
        super().__init__({})
        self.value = value

    @property
    def role(self) -> str:
        named = self.value.get("role") if isinstance(self.value, Mapping) else None
        return text_or_none(named) or "assistant"

    def parts(self, link: Link) -> list[Part]:
        return [UnknownPart(self.value).stored()]


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


def located(given: Mapping[str, Any], name: str, link: Link) -> JSONObject:
    """`url` and `mime_type` of a file whose URL, which may be a data URL, this field or its ref tells."""
    if ref := ref_of(given, name):
        return {"url": link(ref["object_id"]), "mime_type": text_or_none(ref.get("mime_type"))}
    url = text_or_none(given.get(name))
    return {"url": url, "mime_type": mime_type_of(url)}


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
