"""What every format shares: what a message and a conversation may be, as on the wire, and their order."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pydantic
from pydantic import BaseModel, Field, TypeAdapter

from messaging.services import ImportedMessage, MessageDraft
from messaging.services.clock import rising
from messaging.values.problems import Problem, ValueRefused, problems_of
from messaging.values.types import JSONObject, Moment, Text64, Text255

OWN_ID = re.compile(r"(conv|msg|run|part|obj)_0[0-9a-hjkmnp-tv-z]{25}", re.ASCII)
MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


STEP = timedelta(microseconds=1)


class Rejected(Exception):
    """A record cannot be imported; the text says why."""


class MessageFields(BaseModel):
    """What every format says of a message, in the words of the store."""

    role: Text64
    content: str = ""
    message_type: Text64 = "text"
    sender_id: Text255 | None = None
    created_at: Moment | None = None
    tool_calls: list[JSONObject] | None = None
    tags: list[str] | None = None
    attachments: list[JSONObject] | None = None
    meta_data: JSONObject | None = None

    def draft(self) -> MessageDraft:
        return MessageDraft(**{name: getattr(self, name) for name in MessageFields.model_fields})


class ConversationFields(BaseModel):
    """What every format says of a conversation, in the words of the store."""

    external_id: Text255 | None = None
    title: str | None = Field(None, max_length=255)
    summary: str | None = None
    status: Literal["active", "ended", "archived"] = "active"
    is_public: bool = False
    collections: list[str] = Field(default_factory=list)
    meta_data: JSONObject = Field(default_factory=dict)
    settings: JSONObject = Field(default_factory=dict)
    user_id: Text255 | None = None
    owner_id: Text255 | None = None
    created_by: Text255 | None = None
    ended_at: Moment | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None

    def columns(self) -> dict[str, Any]:
        """Columns of Conversation that were given a value."""
        given = {name: getattr(self, name) for name in ConversationFields.model_fields}
        return {name: value for name, value in given.items() if value is not None}


def moment_of(value: object) -> datetime | None:
    """The moment that a number of seconds or a text means; None for what means none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return MOMENT.validate_python(value)
    except (pydantic.ValidationError, OverflowError):
        return None


def is_own_id(value: object) -> bool:
    """Whether this is an id as this store makes them."""
    return isinstance(value, str) and OWN_ID.fullmatch(value) is not None


def reason_of(error: ValueRefused | pydantic.ValidationError) -> str:
    """What is wrong with a record, and where in it."""
    problems = error.problems if isinstance(error, ValueRefused) else problems_of(error, "body")
    first, more = _reason(problems[0]), len(problems) - 1
    return f"{first} (and {more} more)" if more else first


def _reason(problem: Problem) -> str:
    context: Mapping[str, Any] = problem.get("ctx") or {}
    if problem["type"] == "json_invalid":
        return f"Not JSON: {context['error']} at character {problem['loc'][-1]}"
    path = ".".join(str(step) for step in problem["loc"][1:])
    return f"{path}: {problem['msg']}" if path else str(problem["msg"])


def listed_in_order(
    messages: Iterable[ImportedMessage], others: Iterable[ImportedMessage] = ()
) -> list[ImportedMessage]:
    """The messages of one conversation, each dated so that it is listed behind the one in front of it.

    The times of `others` begin after the last of the former, so that they stay behind it when it is continued
    and imported again. The time that a message names stays what it was sent at.
    """
    first = _rising(list(messages), None)
    latest = first[-1].columns.get("created_at") if first else None
    return first + _rising(list(others), latest and latest + STEP)


def _rising(messages: list[ImportedMessage], start: datetime | None) -> list[ImportedMessage]:
    _, *times = rising([start, *[message.draft.created_at for message in messages]])
    return [_dated(message, time) for message, time in zip(messages, times, strict=True)]


def _dated(message: ImportedMessage, time: datetime | None) -> ImportedMessage:
    if time is None:
        return message
    draft = replace(message.draft, created_at=message.draft.created_at or time)
    return replace(message, draft=draft, columns={**message.columns, "created_at": time})
