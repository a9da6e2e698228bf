"""What the transcript operations take."""

from typing import Any

from pydantic import Field, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from messaging.exceptions import InvalidValue
from messaging.transcript import Format
from messaging.values.text import text_problem
from messaging.values.types import JSONObject
from messaging.wire.shapes import Body

NO_JSON = "A body that is no JSON is taken for a text: send `Content-Type: application/json` with any other"


class TranscriptCreate(Body):
    """Messages in one of the formats, under the keys of that format; for `text` as `text/plain`, too."""

    examples = {
        "openai": {
            "messages": [
                {"role": "user", "content": "Where is order 1042?"},
                {"role": "assistant", "content": "It left us this morning."},
            ]
        },
    }

    messages: list[JSONObject] | None = Field(None, description="Of `openai`, `anthropic`, `ui` and `otel`")
    system: str | list[JSONObject] | None = Field(None, description="Instructions, of `anthropic`")
    contents: list[JSONObject] | None = Field(None, description="Of `gemini`")
    systemInstruction: JSONObject | None = Field(None, description="Instructions, of `gemini`")  # noqa: N815
    input: list[JSONObject] | None = Field(None, description="Items, of `responses`")
    text: str | None = Field(None, description="Of `text`")
    # What a transcript was shown with may be sent back, and says nothing new.
    token_count: SkipJsonSchema[Any] = None
    omitted: SkipJsonSchema[Any] = None
    over_budget: SkipJsonSchema[Any] = None

    @model_validator(mode="before")
    @classmethod
    def _as_text(cls, given: object) -> object:
        """A body that is no JSON is a text."""
        if not isinstance(given, bytes):
            return given
        try:
            text = given.decode()
        except UnicodeDecodeError:
            raise PydanticCustomError("string_unicode", "A text should be in UTF-8") from None
        if problem := text_problem(text):
            raise PydanticCustomError("string_unstorable", "{problem}", {"problem": problem})
        return {"text": text}

    def given_in(self, format: Format) -> JSONObject:
        """The object of this format. Raises InvalidValue for keys of another one."""
        given = {
            name: value
            for name, value in self.given().items()
            if name not in ("token_count", "omitted", "over_budget")
        }
        if foreign := next((name for name in given if name not in format.keys), None):
            known = ", ".join(f"`{key}`" for key in format.keys)
            raise InvalidValue(
                ("body", foreign),
                f"The format {format.name} has no such key; it has {known}",
                "extra_forbidden",
                NO_JSON if foreign == "text" else None,
            )
        return given
