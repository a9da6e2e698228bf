"""/api/v1/conversations and the messages below one of them."""

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from messaging.api.messages.inputs import MessageCreateRequest, drafts_of
from messaging.api.messages.outputs import MessageRead, message_reads
from messaging.api.messages.query import ConversationMessagesQuery
from messaging.api.messages.views import LOCKED, MessageListing
from messaging.api.pages import PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import ConversationNotFound
from messaging.index.filters import Equal
from messaging.models import Conversation
from messaging.services import (
    append_messages,
    create_conversation,
    delete_conversation,
    fork_conversation,
    update_conversation,
    upsert_conversation,
)
from messaging.sql.rows import JSONRow
from messaging.values.choices import Permission
from messaging.values.text import text_problem
from messaging.wire.operations import Payload, operation
from messaging.wire.responses import WireResponse

from .inputs import ConversationCreate, ConversationFork, ConversationUpdate, ConversationUpsert
from .outputs import ConversationListResponse, ConversationRead, with_last_messages
from .query import ConversationPagination, ConversationsQuery, ExternalIdQuery, IncludeQuery

TAKEN = "Another conversation has this `external_id`; the answer names it"


class ConversationViewSet(MieltoViewSet):
    queryset = Conversation.objects.all()
    pagination_class = ConversationPagination
    not_found = ConversationNotFound
    tag = "Conversations"

    def ids_shown(self, ids: Mapping[str, str], parameters: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        """Those of the path; an upsert names the conversation by the caller's own id."""
        own = parameters.get("external_id", [""])[-1]
        if ids or not own or text_problem(own):
            return ids
        row = self.get_queryset().filter(external_id=own).only("pk").first()
        return {"conversation_id": row.pk} if row else {}

    @operation(
        "Create Conversation",
        Permission.WRITE,
        status=201,
        answer=ConversationRead,
        conflict=TAKEN,
        idempotent=True,
    )
    def create(self, body: ConversationCreate) -> Payload:
        """Open a conversation, with its first messages if there are any, all or nothing."""
        conversation, _ = create_conversation(
            workspace_id=self.workspace_id,
            writer=self.writer(),
            drafts=drafts_of(body.messages or []),
            **body.fields(),
        )
        return ConversationRead.of(conversation)

    @operation("List Conversations", Permission.READ, answer=ConversationListResponse)
    def list(self, query: ConversationsQuery) -> Payload:
        """A page of the conversations of the workspace, the last touched first unless asked otherwise."""
        page = self.page_of(query)
        return ConversationListResponse.shown(page, lambda rows: self._shown(rows, query))

    @operation(
        "Upsert Conversation",
        Permission.WRITE,
        answer=ConversationRead,
        further={"201": ConversationRead},
    )
    def upsert(self, query: ExternalIdQuery, body: ConversationUpsert) -> Payload:
        """Change the conversation that has this id of your own, or open one that has it (201).

        However often and by however many it is asked, there is one conversation.
        """
        row, is_new = upsert_conversation(
            workspace_id=self.workspace_id,
            external_id=query.external_id,
            writer=self.writer(),
            values=body.given(),
        )
        return WireResponse(ConversationRead.of(row), 201 if is_new else 200)

    @operation("Get Conversation", Permission.READ, answer=ConversationRead)
    def retrieve(self, conversation_id: str, query: IncludeQuery) -> Payload:
        """One conversation."""
        return self._shown([self.find_row(ConversationRead, conversation_id)], query)[0]

    @operation("Update Conversation", Permission.WRITE, answer=ConversationRead, conflict=TAKEN)
    def update(self, conversation_id: str, body: ConversationUpdate) -> Payload:
        """Change the fields that are given. PUT and PATCH do the same."""
        row = update_conversation(
            workspace_id=self.workspace_id, conversation_id=conversation_id, changes=body.given()
        )
        return ConversationRead.of(row)

    @operation("Delete Conversation", Permission.WRITE, status=204)
    def destroy(self, conversation_id: str) -> None:
        """Delete a conversation with every message in it."""
        delete_conversation(workspace_id=self.workspace_id, conversation_id=conversation_id)

    @operation(
        "Fork Conversation",
        Permission.WRITE,
        status=201,
        answer=ConversationRead,
        not_found="Conversation or message not found",
        body_required=False,
        idempotent=True,
    )
    def fork(self, conversation_id: str, body: ConversationFork) -> Payload:
        """Open a conversation with copies of the messages of this one, up to one of them if `until` names it.

        They keep content, times, tags and parts under ids of their own; runs stay where they are. The new
        conversation names its origin in `meta_data.forked_from`; nothing of the original changes, whether or
        not a run holds it.
        """
        row = fork_conversation(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            until=body.until,
            title=body.title,
            writer=self.writer(),
        )
        return ConversationRead.of(row)

    def _shown(self, rows: Sequence[JSONRow], query: IncludeQuery) -> builtins.list[dict[str, Any]]:
        """ConversationReads of these rows, with what the query includes."""
        shown = ConversationRead.all_of(rows)
        if query.with_last_message:
            with_last_messages(self.workspace_id, shown)
        return shown


class ConversationMessagesViewSet(MessageListing):
    not_found = ConversationNotFound
    tag = "Conversations"

    @operation("List Conversation Messages", Permission.READ, answer=PaginatedResponse[MessageRead])
    def list(self, conversation_id: str, query: ConversationMessagesQuery) -> Payload:
        """A page of the messages of one conversation, newest first unless asked otherwise."""
        bounds = self.bounds(query, conversation_id)
        page = self.page_of(query, Equal("conversation_id", conversation_id), *bounds)
        if not page.total_count:
            self.require_conversation(conversation_id)
        return self.shown_page(page)

    @operation(
        "Create Conversation Message",
        Permission.WRITE,
        status=201,
        answer=MessageRead,
        conflict=LOCKED,
        idempotent=True,
    )
    def create(self, conversation_id: str, body: MessageCreateRequest) -> Payload:
        """Store one message and answer it, not in a list."""
        [row] = append_messages(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            drafts=[body.draft()],
            writer=self.writer(),
        )
        return message_reads(self.workspace_id, [row])[0]
