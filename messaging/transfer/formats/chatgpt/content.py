"""What each type of content of a ChatGPT message says.

The types grow without notice. Of a known one the words become text, the fields known to describe them stay
with the meta data, and every other field is data. One that is not listed is data as a whole; where it has
words under a usual name, these are its text, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from messaging.transfer.archive import Archive, file_id
from messaging.transfer.contents import Content, as_list, as_object, as_text, says_something
from messaging.transfer.kinds import Outcome

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of content: where its words are, and what describes them."""

    words: tuple[str, ...] = ("parts", "text")
    about: tuple[str, ...] = ()
    message_type: str = "text"


WEB = ("url", "domain", "tether_id", "pub_type", "pub_date", "crawl_date", "ref_id", "attributions")
SHAPES = {
    "text": Shape(),
    "multimodal_text": Shape(),
    "code": Shape(about=("language", "response_format_name")),
    "execution_output": Shape(),
    "system_message": Shape(),
    "system_content": Shape(),
    "developer_content": Shape(),
    "thoughts": Shape(("thoughts",), ("source_analysis_msg_id",), "reasoning"),
    "reasoning_recap": Shape(("content", "text"), message_type="reasoning"),
    "tether_quote": Shape(("title", "text"), WEB),
    "tether_browsing_code": Shape(),
    "tether_browsing_display": Shape(("result", "summary"), ("assets", "tether_id")),
    "sonic_webpage": Shape(("title", "text", "snippet"), WEB),
    "system_error": Shape(about=("name",), message_type="error"),
    "user_editable_context": Shape(("user_profile", "user_instructions")),
    "model_editable_context": Shape(("model_set_context", "repo_summary"), ("repository",)),
    "computer_output": Shape(("screenshot",), ("computer_id", "tether_id", "is_ephemeral")),
}
UNKNOWN = Shape(("parts", "text", "title", "content", "result", "summary"))
POINTERS = {
    "image_asset_pointer": "image",
    "image": "image",
    "audio_asset_pointer": "file",
    "video_container_asset_pointer": "file",
    "file_asset_pointer": "file",
}
REAL_TIME = "real_time_user_audio_video_asset_pointer"
RECORDINGS = ("audio_asset_pointer", "video_container_asset_pointer")
SPOKEN = ("audio_transcription", "text")


def shape_of(content: Given) -> Shape:
    """The shape of a content, by its type."""
    named = content.get("content_type")
    return SHAPES.get(named, UNKNOWN) if isinstance(named, str) else UNKNOWN


def read(given: object) -> Content:
    """What the content of a message says. Never raises for the sake of a shape."""
    content = Content()
    if isinstance(given, str | list):
        given = {"content_type": "text", "parts": given if isinstance(given, list) else [given]}
    if not isinstance(given, Mapping):
        if given is not None:
            content.data("content", given)
            content.count("content", Outcome.DATA)
        return content
    shape = shape_of(given)
    content.about |= {name: given[name] for name in shape.about if says_something(given.get(name))}
    for name in shape.words:
        _say(content, given.get(name), is_known=shape is not UNKNOWN)
    rest = _rest(given, shape)
    if rest:
        content.data(given.get("content_type"), rest)
    if rest or not content.is_empty:
        content.count(given.get("content_type"), Outcome.DATA if rest else Outcome.WHOLE)
    return content


def _rest(given: Given, shape: Shape) -> dict[str, Any]:
    """What no field of the shape accounts for; of an unknown one everything, if it says anything."""
    others = {name: value for name, value in given.items() if name != "content_type"}
    if shape is not UNKNOWN:
        others = {name: others[name] for name in others if name not in (*shape.words, *shape.about)}
    return others if any(map(says_something, others.values())) else {}


def _say(content: Content, value: object, *, is_known: bool) -> None:
    """Add the words of a field: a text, or a list of texts and objects."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping) and is_known:
            _object(content, item)
        elif isinstance(item, str) and item:
            content.text(item)
        elif is_known and says_something(item):
            content.text(as_text(item))


def _object(content: Content, part: Given) -> None:
    kind = part.get("content_type")
    if kind is None and {"summary", "content"} & set(part):
        _thought(content, part)
    elif kind == REAL_TIME:
        _real_time(content, part)
    elif isinstance(kind, str) and kind in POINTERS:
        content.file(attachment(part, POINTERS[kind]))
        content.count(kind)
    elif kind in SPOKEN and isinstance(part.get("text"), str):
        content.text(part["text"])
        if rest := _without(part, "content_type", "text"):
            content.describe("spoken", rest)
        content.count(kind)
    elif says_something(part):
        content.data(kind, dict(part))
        content.count(kind, Outcome.DATA)


def _thought(content: Content, thought: Given) -> None:
    chunks = "".join(chunk for chunk in as_list(thought.get("chunks")) if isinstance(chunk, str))
    for words in filter(says_something, (thought.get("summary"), thought.get("content") or chunks)):
        content.text(as_text(words))
    if rest := _without(thought, "summary", "content", "chunks", "finished"):
        content.data("thought", rest)
        content.count("thought", Outcome.DATA)


def _real_time(content: Content, part: Given) -> None:
    """Sound and pictures of a conversation by voice: a pointer to each."""
    frames = as_list(part.get("frames_asset_pointers"))
    for pointer in filter(None, map(as_object, [*(part.get(name) for name in RECORDINGS), *frames])):
        is_frame = pointer.get("content_type") == "image_asset_pointer"
        content.file(attachment(pointer, "image" if is_frame else "file"))
    if rest := _without(part, "content_type", "frames_asset_pointers", *RECORDINGS):
        content.describe("real_time", rest)
    content.count(REAL_TIME)


def _without(part: Given, *names: str) -> dict[str, Any]:
    """The other fields that say something."""
    return {name: value for name, value in part.items() if name not in names and says_something(value)}


def attachment(part: Given, kind: str) -> dict[str, Any]:
    """A pointer to an image or file, as attachments are kept: its type of content is no type of media."""
    pointer = part.get("asset_pointer")
    rest = {name: value for name, value in part.items() if name != "content_type"}
    return {"type": kind, **({"file_id": pointer} if isinstance(pointer, str) else {}), **rest}


def attached(content: Content, files: Iterable[object]) -> None:
    """Add the files that the meta data of a message list; what is no object is data.

    One that the content points at, too, is the same file: the list knows the name that a person gave it.
    """
    for item in files:
        if isinstance(item, Mapping):
            if item and not _merged(content, item):
                content.file({"type": "file", **item})
            content.count("attachment")
        elif says_something(item):
            content.data("attachment", item)
            content.count("attachment", Outcome.DATA)


def bring_files(content: Content, archive: Archive) -> None:
    """Let the files that the attachments refer to come along, as far as the archive holds them."""
    content.attachments = [
        content.bring(attachment, archive.file(_id_of(attachment))) for attachment in content.attachments
    ]


def _merged(content: Content, item: Given) -> bool:
    for number, attachment in enumerate(content.attachments):
        if item.get("id") and _key(_id_of(attachment)) == _key(str(item["id"])):
            content.attachments[number] = {**item, **attachment}
            return True
    return False


def _key(pointer: str) -> str:
    return file_id(pointer) or pointer


def _id_of(attachment: Given) -> str:
    named = attachment.get("file_id") or attachment.get("id")
    return named if isinstance(named, str) else ""
