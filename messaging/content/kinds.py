"""What kinds of parts and kinds of items have in common: a name, fields, and how each reads as a message."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypedDict

JSONObject = dict[str, Any]

Part = JSONObject
"""A part as JSON: `type` and the fields of its kind, in the names of the first wire that had parts. Complete
ones have `id` and every field."""

Link = Callable[[str], str]
"""From the id of a stored object to the URL under which the reader gets it."""

DETAILS = ("high", "low", "auto")


class Result(TypedDict):
    """What a tool answered to a call."""

    tool_call_id: str | None
    name: str
    is_error: bool
    output: str
    """As text; how it begins, where it is kept outside the row."""


class Kind:
    """A value of one kind, as it was written. Of each kind there is one class."""

    type: ClassVar[str] = ""
    """The name under which values of this kind are written; empty for a base."""
    payload: ClassVar[str | None] = None
    """The field that may be large, and then is a ref to a stored object under `<payload>_ref`."""
    is_known: ClassVar[bool] = True
    """Whether the value means more than itself."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        """Whether a value that names this kind is one."""
        raise NotImplementedError

    @property
    def text(self) -> str | None:
        """What it adds to the text of its message; None for nothing."""
        return None

    @property
    def call(self) -> JSONObject | None:
        """The call of a tool that it is, in OpenAI's shape."""
        return None

    @property
    def result(self) -> Result | None:
        """What it answers to a call."""
        return None

    @property
    def attachments(self) -> list[JSONObject]:
        """The files and images that it is or holds, without what is null."""
        return []


def is_text(value: object) -> bool:
    """Whether this is a text, or null in place of one."""
    return value is None or isinstance(value, str)


def text_or_none(value: object) -> str | None:
    """The value if it is a text."""
    return value if isinstance(value, str) else None
