"""What every format shares: what a message and a conversation may be, as on the wire, and their order."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pydantic
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from messaging.services import ImportedMessage, MessageDraft
from messaging.services.clock import rising
from messaging.values.problems import Problem, ValueRefused, problems_of
from messaging.values.types import JSONObject, MetaData, Moment, Tags, Text64, Text255
from messaging.values.words import OF_VALUES, translated

from .tree import Nodes, superseders

OWN_ID = re.compile(r"(conv|mem|msg|run|part|obj|fbk)_0[0-9a-hjkmnp-tv-z]{25}", re.ASCII)
MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
MOST_ITEMS = 10_000
STEP = timedelta(microseconds=1)
NO_SENDERS = frozenset({"system", "developer", "tool", "function"})
AGENT = "assistant"


class Rejected(Exception):
    """A record cannot be imported; the text says why."""


class Fields(BaseModel):
    """What a record says. Its lists are measured before their items are validated."""

    @model_validator(mode="before")
    @classmethod
    def _measured(cls, given: object) -> object:
        for name, value in given.items() if isinstance(given, dict) else ():
            if name in cls.model_fields and isinstance(value, list) and len(value) > MOST_ITEMS:
                text = "{name} has more than {limit} items"
                raise PydanticCustomError("too_long", text, {"name": name, "limit": MOST_ITEMS})
        return given


class MessageFields(Fields):
    """What every format says of a message, in the words of the store."""

    role: Text64
    content: str = ""
    message_type: Text64 = "text"
    sender_id: Text255 | None = None
    agent_id: Text255 | None = None
    created_at: Moment | None = None
    tool_calls: list[JSONObject] | None = None
    tags: Tags | None = None
    attachments: list[JSONObject] | None = None
    meta_data: MetaData | None = None

    def draft(self) -> MessageDraft:
        return MessageDraft(**{name: getattr(self, name) for name in MessageFields.model_fields})


class ConversationFields(Fields):
    """What every format says of a conversation, in the words of the store."""

    external_id: Text255 | None = None
    title: str | None = Field(None, max_length=255)
    summary: str | None = None
    status: Literal["active", "ended", "archived"] = "active"
    is_public: bool = False
    collections: Tags = Field(default_factory=list)
    meta_data: MetaData = Field(default_factory=dict)
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


def authored(role: str, name: object = None) -> dict[str, str | None]:
    """The columns that say who wrote a message in this role, of an author of this name.

    The sender is the end user of the exchange, whoever speaks, so only a person's name is one. The name of an
    assistant is that of its agent; the name of a tool stands in the meta data.
    """
    given = name if isinstance(name, str) and name else None
    is_person = role != AGENT and role not in NO_SENDERS
    return {"sender_id": given if is_person else None, "agent_id": given if role == AGENT else None}


def moment_of(value: object) -> datetime | None:
    """The moment that a number of seconds or a text means; None for what means none."""
    if value is None or isinstance(value, bool) or (isinstance(value, int | float) and not value > 0):
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
    return _("%(reason)s (and %(more)s more)") % {"reason": first, "more": more} if more else first


def _reason(problem: Problem) -> str:
    context: Mapping[str, Any] = problem.get("ctx") or {}
    if problem["type"] == "json_invalid":
        convert = _("convert it, for example iconv -f CP1252 -t UTF-8 for a file from Windows")
        advice = f" ({convert})" if "UTF-8" in context["error"] else ""
        told = {"reason": translated(context["error"], OF_VALUES), "position": problem["loc"][-1]}
        return _("Not JSON: %(reason)s at character %(position)s") % told + advice
    path, reason = ".".join(str(step) for step in problem["loc"][1:]), str(problem["msg"])
    return f"{path}: {translated(reason, OF_VALUES)}" if path else translated(reason, OF_VALUES)


def listed_as_tree(
    messages: Mapping[str, ImportedMessage], nodes: Nodes, branch: Sequence[str]
) -> list[ImportedMessage]:
    """The messages of a tree by the names of their nodes: those of the current branch, then the others, which
    name what took their place."""
    taken = superseders(nodes, branch, messages)
    told = {
        name: replace(message, superseded_by=taken[name], is_of_tree=True)
        for name, message in messages.items()
    }
    current = dict.fromkeys(branch)
    others = [message for name, message in told.items() if name not in current]
    return listed_in_order((message for name, message in told.items() if name in current), others)


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
