"""Which format a transcript is in, and how much of the conversation it has."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from messaging.transcript import Selection
from messaging.transcript.reading import MOST_MESSAGES
from messaging.values.tokens import MOST_TOKENS

FormatName = Literal["openai", "responses", "anthropic", "gemini", "ui", "otel", "text"]
PARTS = frozenset({"reasoning", "tool_results", "hidden", "open_calls"})
MOST_ROLES = 20
ENDPOINT = "By the id of a message of the conversation"


def names_in(text: str) -> frozenset[str]:
    """The names of a comma-separated list."""
    return frozenset(filter(None, map(str.strip, text.split(","))))


def _parts(text: str) -> str:
    if unknown := names_in(text) - PARTS:
        raise PydanticCustomError(
            "literal_error",
            "{unknown} is none of {known}",
            {"unknown": ", ".join(sorted(unknown)), "known": ", ".join(sorted(PARTS))},
        )
    return text


def _roles(text: str) -> str:
    if len(names_in(text)) > MOST_ROLES:
        raise PydanticCustomError("too_long", "At most {most} roles", {"most": MOST_ROLES})
    return text


class FormatQuery(BaseModel):
    """The format of a transcript."""

    format: FormatName = Field("openai", description="In whose words: those of the client that takes it")


class TranscriptQuery(FormatQuery):
    """Which messages a transcript has, and what of them; a call never without its result."""

    last: int | None = Field(
        None,
        ge=1,
        le=MOST_MESSAGES,
        description="At most so many of the latest messages, pinned ones aside, and the user's in front of"
        " them where that format begins with one",
    )
    max_tokens: int | None = Field(
        None,
        ge=1,
        le=MOST_TOKENS,
        description="The latest messages with at most so many tokens, pinned ones included",
    )
    after: str | None = Field(None, description=f"Only messages behind this one. {ENDPOINT}")
    before: str | None = Field(None, description=f"Only messages in front of this one. {ENDPOINT}")
    roles: Annotated[str, AfterValidator(_roles)] = Field(
        "", description="Only messages in these roles (comma-separated), as they are stored"
    )
    include: Annotated[str, AfterValidator(_parts)] = Field(
        "reasoning,tool_results",
        description="What else is given (comma-separated): `reasoning`; `tool_results`, and the calls with"
        " them; `hidden` messages; `open_calls`, those at the end whose results may still come",
    )
    pin: Literal["", "system"] = Field(
        "", description="`system` gives the instructions, wherever they stand, whatever the window"
    )
    branch: Literal["current", "all"] = Field(
        "current", description="`all` gives messages too that others took the place of"
    )

    def selection(self) -> Selection:
        return Selection(
            last=self.last,
            max_tokens=self.max_tokens,
            after=self.after or None,
            before=self.before or None,
            roles=names_in(self.roles),
            include=names_in(self.include),
            pins_system=self.pin == "system",
            all_branches=self.branch == "all",
        )


class StoreQuery(FormatQuery):
    """How a transcript is stored."""

    mode: Literal["append", "reconcile"] = Field(
        "append",
        description="`append` stores every message; `reconcile` takes the whole history, as a client sends it"
        " again each time, and stores what the conversation does not hold yet",
    )
