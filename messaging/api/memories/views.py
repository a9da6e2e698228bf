"""/api/v1/memories"""

from itertools import chain

from messaging.api.pages import PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import ExtractorUnavailable, MemoryNotFound
from messaging.index.filters import Equal
from messaging.memories.drawing import draw_from_texts
from messaging.memories.embedding import values_of
from messaging.memories.endpoint import BadAnswer
from messaging.memories.extracting import ModelUnavailable
from messaging.memories.search import search_memories
from messaging.models import Memory, MemoryRevision, MemorySource
from messaging.services import add_memory, delete_memory, replace_memory, update_memory
from messaging.sql.rows import JSONRow
from messaging.values.choices import MemoryState, Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.pagination import Page

from .inputs import (
    MemoryCreate,
    MemoryFromMessagesRequest,
    MemoryReplace,
    MemorySearchRequest,
    MemoryUpdate,
)
from .outputs import (
    MemoryChunksResponse,
    MemoryDetail,
    MemoryFromMessagesResponse,
    MemoryListResponse,
    MemoryProfileResponse,
    MemoryRead,
    MemoryReplaced,
    MemoryRevisionRead,
    MemorySearchResponse,
    MemoryWithEmbedding,
    MemoryWritten,
    by_topic,
    page_as,
)
from .query import (
    ChunkPagination,
    ChunksQuery,
    HistoryQuery,
    MemoriesQuery,
    MemoryPagination,
    OwnerQuery,
    ProfileQuery,
    RevisionPagination,
)

LIVE = MemoryState.LIVE.value
PROFILE = "profile"
MOST_OF_PROFILE = 200
"""Memories that a structured profile is made of."""


def rows_in(page: Page) -> list[JSONRow]:
    """All rows of a page."""
    return [*page.rows, *chain.from_iterable(page.further or ())]


class MemoryViewSet(MieltoViewSet):
    queryset = Memory.objects.all()
    pagination_class = MemoryPagination
    not_found = MemoryNotFound
    tag = "Memories"

    @operation("Create Memory", Permission.WRITE, answer=MemoryWritten, idempotent=True)
    def create(self, body: MemoryCreate) -> Payload:
        """Write a memory of an end user. One that says the same already is answered as it is."""
        row, is_new = add_memory(workspace_id=self.workspace_id, **body.given())
        return MemoryWritten.of("Memory created" if is_new else "Memory known already", row)

    @operation("List Memories", Permission.READ, answer=MemoryListResponse)
    def list(self, query: MemoriesQuery) -> Payload:
        """A page of memories, the last touched first unless asked otherwise."""
        page = self.page_of(query, Equal("state", LIVE))
        return page_as(page, MemoryRead.all_of(rows_in(page)), "data", "memories")

    @operation("Get Memory", Permission.READ, answer=MemoryDetail)
    def retrieve(self, memory_id: str, query: OwnerQuery) -> Payload:
        """One memory, and the messages from which it was drawn."""
        shown = self.shown(MemoryRead, memory_id, **query.meant())
        sources = MemorySource.objects.for_workspace(self.workspace_id).filter(memory=memory_id)
        return shown | {"sources": [*sources.order_by("pk").values("message_id", "conversation_id")]}

    @operation("Update Memory", Permission.WRITE, answer=MemoryWritten)
    def update(self, memory_id: str, body: MemoryUpdate, query: OwnerQuery) -> Payload:
        """Change the fields that are given; what it said stays in its history. PUT and PATCH do the same."""
        row = update_memory(
            workspace_id=self.workspace_id,
            memory_id=memory_id,
            user_id=query.owner(body.user_id),
            changes=body.changes(),
        )
        return MemoryWritten.of("Memory updated", row)

    @operation("Delete Memory", Permission.WRITE, status=204)
    def destroy(self, memory_id: str, query: OwnerQuery) -> None:
        """Delete a memory with its history."""
        delete_memory(workspace_id=self.workspace_id, memory_id=memory_id, user_id=query.owner())


class MemoryReplaceViewSet(MieltoViewSet):
    queryset = Memory.objects.all()
    not_found = MemoryNotFound
    tag = "Memories"

    @operation("Replace Memory", Permission.WRITE, answer=MemoryReplaced, idempotent=True)
    def create(self, memory_id: str, body: MemoryReplace, query: OwnerQuery) -> Payload:
        """Put another memory in the place of one, whose id and `created_at` stay."""
        given = body.model_dump() | {"user_id": query.owner(body.user_id)}
        old, new = replace_memory(workspace_id=self.workspace_id, memory_id=memory_id, **given)
        return MemoryWritten.of("Memory replaced", new) | {"old_memory": MemoryRead.of(old)}


class MemoryHistoryViewSet(MieltoViewSet):
    queryset = MemoryRevision.objects.all()
    pagination_class = RevisionPagination
    not_found = MemoryNotFound
    tag = "Memories"

    @operation("List Memory History", Permission.READ, answer=PaginatedResponse[MemoryRevisionRead])
    def list(self, memory_id: str, query: HistoryQuery) -> Payload:
        """The versions of a memory, the latest first: what it said, who or what made it so, from what.

        When a source of it is deleted or redacted, its history begins anew.
        """
        self.require(Memory.objects.all(), MemoryNotFound, pk=memory_id, **query.meant())
        return PaginatedResponse.of(self.page_of(query, Equal("memory_id", memory_id)), MemoryRevisionRead)


class MemorySearchViewSet(MieltoViewSet):
    queryset = Memory.objects.all()
    tag = "Memories"

    @operation("Search Memories", Permission.READ, answer=MemorySearchResponse)
    def create(self, body: MemorySearchRequest) -> Payload:
        """The memories that fit a query best. It writes nothing, so `Idempotency-Key` has no effect here."""
        searched = search_memories(
            workspace_id=self.workspace_id,
            query=body.query,
            user_id=body.user_id,
            limit=body.limit or 10,
            method=body.retrieval_method or "agentic",
        )
        return {
            "memories": MemoryRead.all_of(searched.memories),
            "total_results": len(searched.memories),
            "query": body.query,
            "retrieval_method": searched.method,
        }


class MemoryFromMessagesViewSet(MieltoViewSet):
    queryset = Memory.objects.all()
    tag = "Memories"

    @operation("Create Memories From Messages", Permission.WRITE, answer=MemoryFromMessagesResponse)
    def create(self, body: MemoryFromMessagesRequest) -> Payload:
        """Draw memories of an end user from messages at once. The messages are not stored.

        What is known already is not added again, so `Idempotency-Key` has no effect here. 503 while the model
        that draws them does not answer.
        """
        try:
            outcome = draw_from_texts(
                workspace_id=self.workspace_id, user_id=body.user_id, messages=body.turns
            )
        except (ModelUnavailable, BadAnswer) as error:
            raise ExtractorUnavailable from error
        result = {"memories_created": len(outcome.created), "memory_ids": outcome.created}
        return {"message": f"{len(outcome.created)} memories created", "result": result}


class MemoryChunksViewSet(MieltoViewSet):
    queryset = Memory.objects.all()
    pagination_class = ChunkPagination
    tag = "Memories"

    @operation("List Memory Chunks", Permission.READ, answer=MemoryChunksResponse)
    def list(self, query: ChunksQuery) -> Payload:
        """A page of memories with their vectors, as a local index of them takes it, the oldest first."""
        page = self.page_of(query, Equal("state", LIVE))
        chunks = MemoryWithEmbedding.all_of(rows_in(page))
        if query.include_embedding:
            rows = Memory.objects.for_workspace(self.workspace_id).exclude(embedding=None)
            vectors = dict(rows.filter(pk__in=[row["id"] for row in chunks]).values_list("pk", "embedding"))
            chunks = [row | {"embedding": values_of(vectors.get(row["id"]))} for row in chunks]
        return page_as(page, chunks, "data")


class MemoryProfileViewSet(MieltoViewSet):
    queryset = Memory.objects.all()
    tag = "Memories"

    @operation("Get Memory Profile", Permission.READ, answer=MemoryProfileResponse)
    def retrieve(self, query: ProfileQuery) -> Payload:
        """What is known of an end user as a whole. Of a user of whom nothing is known it is empty."""
        rows = Memory.objects.for_workspace(self.workspace_id).live().of_user(query.user_id)
        rows = rows.order_by("-updated_at", "-id")
        profile = rows.filter(memory_type=PROFILE).first()
        known = None if profile else by_topic([*rows.values_list("memory", "topics")[:MOST_OF_PROFILE]])
        return {
            "user_id": query.user_id,
            "profile": MemoryRead.of(profile) if profile else None,
            "structured_profile": profile.metadata if profile else known,
        }
