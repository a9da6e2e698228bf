"""What the memory operations answer, under the vendor's component names."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from messaging.models import Memory
from messaging.sql.rows import JSONRow
from messaging.values.choices import MemoryAction
from messaging.values.json import dumps
from messaging.values.types import JSONObject
from messaging.wire.pagination import Page
from messaging.wire.shapes import Answer, Read

from .inputs import RetrievalMethod

ID = "memory_id"
OTHER = "other"
"""The topic of what has none in a structured profile."""


class MemoryRead(Read):
    """What is known of an end user."""

    memory_id: str = Field(description="Unique identifier of the memory")
    user_id: str = Field(description="The end user whom it is about")
    memory: str = Field(description="What is known")
    memory_type: str = Field(description="Type of the memory")
    topics: list[str] | None = Field(None, description="Topics associated with the memory")
    metadata: JSONObject | None = Field(None, description="Additional metadata")
    version: int = Field(description="How often it was written, from 1; see its history")
    extractor: str | None = Field(
        None, description="What drew it from messages; null where a client wrote it"
    )
    extractor_version: str | None = None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return tuple("id" if name == ID else name for name in MemoryRead.model_fields)

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        return {name: values["id" if name == ID else name] for name in MemoryRead.model_fields}


class MemorySourceRead(Answer):
    """A message from which a memory was drawn."""

    message_id: str
    conversation_id: str


class MemoryDetail(MemoryRead):
    """A memory, and where it comes from."""

    sources: list[MemorySourceRead] = Field(
        description="The messages from which it was drawn, in its present version or in one before"
    )


class MemoryWritten(Answer):
    """The memory that was written, as the vendor wraps it."""

    message: str
    memory_id: str
    memory: MemoryRead

    @classmethod
    def of(cls, message: str, row: Memory) -> dict[str, Any]:
        # The id stands in front of all text: kept answers are found by it.
        return {"message": message, "memory_id": row.pk, "memory": MemoryRead.of(row)}


class MemoryReplaced(MemoryWritten):
    """The memory, and what stood in its place."""

    old_memory: MemoryRead


class MemoryListResponse(Answer):
    """A page of memories, under both names that the vendor gives them."""

    data: list[MemoryRead]
    memories: list[MemoryRead] = Field(description="The same as `data`")
    total_count: int = Field(description="How many the list has in all")
    next_cursor: str | None = None
    has_more: bool


class MemorySearchResponse(Answer):
    """The memories, the best first, and how they were found."""

    memories: list[MemoryRead]
    total_results: int = Field(description="How many `memories` has")
    query: str
    retrieval_method: RetrievalMethod = Field(description="How it was searched, not how it was asked for")


class MemoryFromMessagesResult(Answer):
    memories_created: int
    memory_ids: list[str] = Field(description="The memories that are new")


class MemoryFromMessagesResponse(Answer):
    """What came of the messages."""

    message: str
    result: MemoryFromMessagesResult


class MemoryWithEmbedding(Read):
    """A memory as a chunk, with its vector: each memory is one."""

    id: str
    content_id: str = Field(description="The memory")
    collection_id: str | None = Field(description="Always null: memories are in no collection")
    workspace_id: str
    name: str | None = Field(description="Always null")
    content: str = Field(description="What is known")
    embedding: list[float] | None = Field(
        description="Its vector, of length 1; null without an embedder, or before it came to the memory"
    )
    metadata: JSONObject = Field(description="That of the memory, with `user_id` and `topics`")
    created_at: datetime

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return ("id", "workspace_id", "user_id", "memory", "topics", "metadata", "created_at")

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        return {
            "id": values["id"],
            "content_id": values["id"],
            "collection_id": None,
            "workspace_id": values["workspace_id"],
            "name": None,
            "content": values["memory"],
            "embedding": None,
            "metadata": json.loads(dumps(values["metadata"] or {}))
            | {"user_id": values["user_id"], "topics": values["topics"]},
            "created_at": values["created_at"],
        }


class MemoryChunksResponse(Answer):
    """A page of chunks."""

    data: list[MemoryWithEmbedding]
    total_count: int = Field(description="How many the list has in all")
    next_cursor: str | None = None
    has_more: bool


class MemoryProfileResponse(Answer):
    """What is known of an end user as a whole."""

    user_id: str
    profile: MemoryRead | None = Field(description="The latest memory of type `profile`; null without one")
    structured_profile: JSONObject | None = Field(
        description="The metadata of the profile; without one what is known by topic, the latest first; null"
        " where nothing is known"
    )


class MemoryActor(Answer):
    """Who wrote a version."""

    type: str
    id: str


class MemoryRevisionRead(Read):
    """A version of a memory: what it said from then on, and what made it so."""

    id: str
    memory_id: str
    version: int
    action: MemoryAction
    memory: str
    memory_type: str
    topics: list[str] | None = None
    metadata: JSONObject | None = None
    message_ids: list[str] = Field(description="The messages from which this version was drawn")
    extractor: str | None = Field(description="What drew it; null where somebody wrote it")
    extractor_version: str | None = None
    actor: MemoryActor | None = Field(description="Who wrote it; null for the service itself")
    created_at: datetime

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        renamed = {"memory": ("text",), "actor": ("actor_kind", "actor_id")}
        return tuple(column for name in cls.model_fields for column in renamed.get(name, (name,)))

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        kind, actor_id = values.pop("actor_kind"), values.pop("actor_id")
        told = values | {"memory": values.pop("text"), "actor": kind and {"type": kind, "id": actor_id}}
        return {name: told[name] for name in MemoryRevisionRead.model_fields}


def page_as(page: Page, rows: Sequence[Mapping[str, Any]], *names: str) -> dict[str, Any]:
    """An answer that has these rows under each of the names, and where the next page begins."""
    rest = {name: getattr(page, name) for name in ("total_count", "next_cursor", "has_more")}
    return dict.fromkeys(names, rows) | rest


def by_topic(memories: Sequence[tuple[str, list[str] | None]]) -> dict[str, list[str]] | None:
    """(text, topics) of memories as a structured profile; None where nothing is known."""
    profile: dict[str, list[str]] = {}
    for text, topics in memories:
        for topic in topics or (OTHER,):
            profile.setdefault(topic if topic.strip() else OTHER, []).append(text)
    return profile or None
