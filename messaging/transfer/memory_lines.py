"""Memories in our own export: a line for each, with its sources and its history, behind the conversations."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from django.db.models import Exists, OuterRef
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from messaging.models import ConversationQuerySet, Memory, MemoryQuerySet, MemoryRevision, MemorySource
from messaging.services import ImportedMemory
from messaging.services.memories.stored import metadata_problem, problem_of
from messaging.sql.conditions import OneOf
from messaging.sql.rows import json_rows
from messaging.values.choices import ActorKind, MemoryAction, MemoryState
from messaging.values.types import JSONObject, Moment, Tags, Text64, Text255

from .fields import Fields, is_own_id

COLUMNS = (
    *("id", "user_id", "memory", "memory_type", "topics", "metadata", "state", "version"),
    *("extractor", "extractor_version", "created_at", "updated_at"),
)
OF_SOURCE = ("conversation_id", "message_id")
OF_REVISION = (
    *("version", "action", "text", "memory_type", "topics", "metadata", "message_ids"),
    *("extractor", "extractor_version", "actor_kind", "actor_id", "created_at"),
)
Row = dict[str, Any]


def memories_of(
    workspace_id: str, conversations: ConversationQuerySet, *, is_whole: bool, since: datetime | None
) -> MemoryQuerySet:
    """The memories that leave with these conversations: those that were drawn from no others.

    With a whole workspace all of them leave, or those that changed since.
    """
    memories = Memory.objects.for_workspace(workspace_id)
    if is_whole:
        return memories if since is None else memories.filter(updated_at__gte=since)
    sources = MemorySource.objects.for_workspace(workspace_id).filter(memory=OuterRef("pk"))
    within = conversations.filter(workspace=workspace_id).order_by().values("pk")
    inside, outside = sources.filter(conversation__in=within), sources.exclude(conversation__in=within)
    return memories.filter(Exists(inside), ~Exists(outside))


def with_origins(workspace_id: str, page: Sequence[Row]) -> Iterator[Row]:
    """These memories with their sources and their history."""
    sources, revisions = _sources_of(workspace_id, page), _revisions_of(workspace_id, page)
    for row in page:
        yield row | {"sources": sources[row["id"]], "history": revisions[row["id"]]}


def _sources_of(workspace_id: str, page: Sequence[Row]) -> Mapping[str, list[Row]]:
    by_memory: dict[str, list[Row]] = defaultdict(list)
    rows = MemorySource.objects.for_workspace(workspace_id).of_memories(row["id"] for row in page)
    for memory_id, *values in rows.order_by("pk").values_list("memory_id", *OF_SOURCE):
        by_memory[memory_id].append(dict(zip(OF_SOURCE, values, strict=True)))
    return by_memory


def _revisions_of(workspace_id: str, page: Sequence[Row]) -> Mapping[str, list[Row]]:
    by_memory: dict[str, list[Row]] = defaultdict(list)
    rows = MemoryRevision.objects.for_workspace(workspace_id)
    rows = rows.filter(OneOf("memory_id", [row["id"] for row in page]))
    for row in json_rows(rows.in_order(("memory_id", "version")), ("memory_id", *OF_REVISION)):
        by_memory[row.pop("memory_id")].append(row)
    return by_memory


class SourceLine(Fields):
    conversation_id: Text255
    message_id: Text255


class _Told(Fields):
    """What a memory and each of its versions say."""

    memory_type: Text64 = "user"
    topics: Tags | None = None
    metadata: JSONObject | None = None
    version: int = Field(1, ge=1, lt=2**31)
    extractor: Text255 | None = None
    extractor_version: Text64 | None = None
    created_at: Moment

    @field_validator("metadata")
    @classmethod
    def _within_limits(cls, value: JSONObject | None) -> JSONObject | None:
        if value and (problem := metadata_problem(value)):
            raise PydanticCustomError("too_long", "{problem}", {"problem": problem})
        return value


class RevisionLine(_Told):
    action: MemoryAction
    text: str
    message_ids: list[Text255] = Field(default_factory=list)
    actor_kind: ActorKind | None = None
    actor_id: Text255 | None = None


class MemoryLine(_Told):
    """What our export says of a memory."""

    id: Text255
    user_id: Text255
    memory: str = ""
    state: MemoryState = MemoryState.LIVE
    updated_at: Moment
    sources: list[SourceLine] = Field(default_factory=list)
    history: list[RevisionLine] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.state == MemoryState.LIVE and (problem := problem_of(self.memory, self.topics)):
            raise PydanticCustomError("memory", "{problem}", {"problem": problem})
        return self

    def imported(self) -> ImportedMemory:
        """For the service that stores it."""
        return ImportedMemory(
            id=self.id,
            keeps_id=is_own_id(self.id),
            columns=self.model_dump(exclude={"id", "sources", "history"}),
            sources=[(source.conversation_id, source.message_id) for source in self.sources],
            revisions=list({line.version: line.model_dump() for line in self.history}.values()),
        )


def memory_of(value: Mapping[str, Any]) -> ImportedMemory:
    """The memory of a line. Raises pydantic's ValidationError."""
    return MemoryLine.model_validate(value).imported()
