"""The items of OpenAI's Responses that are messages of their own: what is said, a call, a result, a thought.

A message that is such an item keeps it as it was sent. What no kind here reads is data, as everywhere.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from messaging.values.json import dumps, parsed_or_text

from .attachments import ref_of
from .failures import says_failure
from .items import ItemKind, item_of, located
from .kinds import JSONObject, Link, Part, Result, text_or_none


class Turn(ItemKind):
    """An item that is a message of its own."""

    is_turn = True

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        return True


class MessageTurn(Turn):
    """What somebody says: a text, or items as contents have them."""

    type = "message"

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        return isinstance(given.get("role"), str) and isinstance(given.get("content"), str | list)

    @property
    def items(self) -> list[ItemKind]:
        """What it is made of."""
        content = self.given["content"]
        items = [{"type": "text", "text": content}] if isinstance(content, str) else content
        return [item_of(item) for item in items]

    @property
    def text(self) -> str | None:
        return "\n".join(text for item in self.items if (text := item.text) is not None)

    @property
    def attachments(self) -> list[JSONObject]:
        return [file for item in self.items for file in item.attachments]

    def parts(self, link: Link) -> list[Part]:
        return [part for item in self.items for part in item.parts(link)]


class Reasoning(Turn):
    """A thought of the model: its summary, and the thought itself where the provider tells it."""

    type = "reasoning"

    def parts(self, link: Link) -> list[Part]:
        texts = [text for name in ("summary", "content") for text in _texts(self.given.get(name))]
        return [{"type": "reasoning", "text": "\n".join(texts)}]


class _Call(Turn):
    """A call of a tool, which may hold what the tool answered."""

    tool: ClassVar[str] = ""
    """The name of the tool, where the item tells none."""
    arguments: ClassVar[tuple[str, ...]] = ()
    """The fields that say what it is called with."""
    answer: ClassVar[str | None] = None
    """The field that holds what it answered."""

    @property
    def name(self) -> str:
        return text_or_none(self.given.get("name")) or self.tool

    @property
    def call_id(self) -> str | None:
        """Its id among calls; the tools that the provider runs itself have the id of the item alone."""
        return text_or_none(self.given.get("call_id")) or text_or_none(self.given.get("id"))

    @property
    def args(self) -> object:
        """What the tool is called with, as JSON."""
        return {name: self.given[name] for name in self.arguments if name in self.given}

    @property
    def call(self) -> JSONObject | None:
        args = self.args
        text = args if isinstance(args, str) else dumps(args).decode()
        return {"id": self.call_id, "type": "function", "function": {"name": self.name, "arguments": text}}

    def parts(self, link: Link) -> list[Part]:
        identity = {"tool_name": self.name, "tool_call_id": self.call_id}
        called: Part = {"type": "tool-call", **identity, "args": self.args}
        output, error = self.given.get(self.answer or ""), self.given.get("error")
        if output is None and error is None:
            return [called]
        told = None if error is None else _as_text(error)
        answered = {"output": output, "is_error": error is not None, "error_text": told}
        return [called, {"type": "tool-result", **identity, **answered}]


class FunctionCall(_Call):
    type = "function_call"

    @classmethod
    def reads(cls, given: Mapping[str, Any]) -> bool:
        return isinstance(given.get("name"), str)

    @property
    def args(self) -> object:
        return parsed_or_text(self.given.get("arguments"))

    @property
    def call(self) -> JSONObject | None:
        written = self.given.get("arguments")
        call = super().call
        if call and isinstance(written, str):  # as the model wrote them
            call["function"]["arguments"] = written
        return call


class CustomToolCall(FunctionCall):
    """A call whose argument is a text of any form."""

    type = "custom_tool_call"

    @property
    def args(self) -> object:
        return self.given.get("input")


class McpCall(FunctionCall):
    type = "mcp_call"
    answer = "output"


class FileSearchCall(_Call):
    type = "file_search_call"
    tool, arguments, answer = "file_search", ("queries",), "results"


class WebSearchCall(_Call):
    type = "web_search_call"
    tool, arguments = "web_search", ("action",)


class CodeInterpreterCall(_Call):
    type = "code_interpreter_call"
    tool, arguments, answer = "code_interpreter", ("code", "container_id"), "outputs"


class ComputerCall(_Call):
    type = "computer_call"
    tool, arguments = "computer", ("action", "actions", "pending_safety_checks")


class LocalShellCall(_Call):
    type = "local_shell_call"
    tool, arguments = "local_shell", ("action",)


class ShellCall(_Call):
    type = "shell_call"
    tool, arguments = "shell", ("action", "environment")


class ApplyPatchCall(_Call):
    type = "apply_patch_call"
    tool, arguments = "apply_patch", ("operation",)


class ImageGenerationCall(Turn):
    """An image that the provider made: `result` is its base64."""

    type = "image_generation_call"
    payload = "result"

    @property
    def _mime_type(self) -> str:
        return f"image/{text_or_none(self.given.get('output_format')) or 'png'}"

    @property
    def payload_prefix(self) -> str:
        return f"data:{self._mime_type};base64,"

    def _url(self, link: Link) -> JSONObject:
        where = located(self.given, "result", link)
        if isinstance(result := self.given.get("result"), str):
            where = {"url": f"{self.payload_prefix}{result}"}
        return {**where, "mime_type": self._mime_type}

    def parts(self, link: Link) -> list[Part]:
        prompt = self.given.get("revised_prompt")
        return [
            {"type": "file", **self._url(link), "metadata": {"revised_prompt": prompt} if prompt else None}
        ]

    @property
    def attachments(self) -> list[JSONObject]:
        if ref := ref_of(self.given, "result"):
            return [{"type": "image", "object_id": ref["object_id"], "mime_type": self._mime_type}]
        return [{"type": "image", **self._url(str)}]


class _Output(Turn):
    """What a tool answered to a call that is an item of its own."""

    tool: ClassVar[str] = ""

    @property
    def role(self) -> str:
        return "tool"

    @property
    def name(self) -> str:
        return text_or_none(self.given.get("name")) or self.tool

    @property
    def call_id(self) -> str | None:
        return text_or_none(self.given.get("call_id"))

    @property
    def output(self) -> object:
        return self.given.get("output")

    @property
    def text(self) -> str | None:
        return _as_text(self.output)

    @property
    def _items(self) -> list[ItemKind]:
        output = self.output
        return [item_of(item) for item in (output if isinstance(output, list) else [output])]

    @property
    def attachments(self) -> list[JSONObject]:
        return [file for item in self._items for file in item.attachments]

    @property
    def result(self) -> Result | None:
        return {
            "tool_call_id": self.call_id,
            "name": self.name,
            "is_error": says_failure(self.output),
            "output": self.text or "",
        }

    def parts(self, link: Link) -> list[Part]:
        identity = {"tool_name": self.name, "tool_call_id": self.call_id}
        files = [part for item in self._items if item.attachments for part in item.parts(link)]
        output = self.text if files else self.output
        answered = {"output": output, "is_error": says_failure(self.output)}
        return [{"type": "tool-result", **identity, **answered}, *files]


class FunctionCallOutput(_Output):
    type = "function_call_output"


class CustomToolCallOutput(_Output):
    type = "custom_tool_call_output"


class ComputerCallOutput(_Output):
    type = "computer_call_output"
    tool = "computer"


class LocalShellCallOutput(_Output):
    type = "local_shell_call_output"
    tool = "local_shell"

    @property
    def call_id(self) -> str | None:
        """The item has the id of its call."""
        return super().call_id or text_or_none(self.given.get("id"))


class ShellCallOutput(_Output):
    type = "shell_call_output"
    tool = "shell"


class ApplyPatchCallOutput(_Output):
    type = "apply_patch_call_output"
    tool = "apply_patch"


def _as_text(output: object) -> str:
    """An output as text: its own, those of the items in a list, else its JSON."""
    if isinstance(output, str) or output is None:
        return output or ""
    items = [item_of(item) for item in (output if isinstance(output, list) else [output])]
    if any(item.text is not None or item.attachments for item in items):
        return "\n".join(text for item in items if (text := item.text) is not None)
    return dumps(output).decode()


def _texts(items: object) -> list[str]:
    listed = items if isinstance(items, list) else []
    texts = (item.get("text") for item in listed if isinstance(item, Mapping))
    return [text for text in texts if isinstance(text, str)]
