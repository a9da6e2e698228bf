"""What the transcript operations answer: the keys that the client of a format takes, and ours."""

from pydantic import Field

from messaging.values.types import JSONObject
from messaging.wire.shapes import Answer


class TranscriptRead(Answer):
    """What is said of every transcript."""

    token_count: int = Field(description="Tokens of the messages in it, as the store counts them")
    omitted: int = Field(description="How many messages of the conversation are not in it")
    over_budget: bool = Field(
        description="Whether the pinned instructions alone are more than `max_tokens`, and so stand alone"
    )


class OpenAITranscript(TranscriptRead):
    """Messages of chat completions."""

    messages: list[JSONObject] = Field(description="As `client.chat.completions.create` takes them")


class ResponsesTranscript(TranscriptRead):
    """Items of OpenAI's Responses."""

    input: list[JSONObject] = Field(description="As `client.responses.create` takes them")


class AnthropicTranscript(TranscriptRead):
    """Messages of Anthropic's API."""

    sometimes = frozenset({"system"})

    system: str | list[JSONObject] | None = Field(None, description="Instructions, where there are any")
    messages: list[JSONObject] = Field(description="As `client.messages.create` takes them")


class GeminiTranscript(TranscriptRead):
    """Contents of Gemini's API."""

    sometimes = frozenset({"systemInstruction"})

    systemInstruction: JSONObject | None = Field(  # noqa: N815
        None, description="Instructions, where there are any"
    )
    contents: list[JSONObject] = Field(description="As `generateContent` takes them")


class UITranscript(TranscriptRead):
    """UIMessages of the AI SDK."""

    messages: list[JSONObject] = Field(description="As `useChat` and `convertToModelMessages` take them")


class OTelTranscript(TranscriptRead):
    """Messages of OpenTelemetry."""

    messages: list[JSONObject] = Field(description="`gen_ai.input.messages`")


AnyTranscript = (
    OpenAITranscript
    | ResponsesTranscript
    | AnthropicTranscript
    | GeminiTranscript
    | UITranscript
    | OTelTranscript
)


class TranscriptStored(Answer):
    """What became of a transcript that was sent."""

    message_ids: list[str] = Field(description="The messages that were stored, in their order")
    known: int = Field(description="How many of the pieces that were sent the conversation held already")
