"""/openai/v1/conversations/{conversation_id}/items"""

from messaging.exceptions import ConversationNotFound, ItemNotFound
from messaging.index.filters import Equal
from messaging.index.index_scan import IndexScan
from messaging.index.keyset import Position
from messaging.index.listing import Order, Window
from messaging.models import Conversation, Message
from messaging.services import append_messages
from messaging.services.item_deletion import delete_item
from messaging.services.items import Items
from messaging.sql.rows import json_rows
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.parameters import filters_of
from threads.openai.conversations.outputs import ConversationResource
from threads.openai.pages import listed
from threads.openai.view import OpenAIViewSet

from .inputs import CreateConversationItemsBody, drafts_of
from .outputs import ConversationItem, ConversationItemList, ItemRow, items_sent, items_shown
from .query import IncludeQuery, ItemsQuery
from .reading import ReadsItems

NOT_FOUND = "Conversation or item not found"


class ItemViewSet(ReadsItems, OpenAIViewSet):
    queryset = Message.objects.all()
    not_found = ItemNotFound
    tag = "OpenAI conversations"

    @operation(
        "Create items",
        Permission.WRITE,
        operation_id="createConversationItems",
        answer=ConversationItemList,
        not_found="Conversation not found",
        idempotent=True,
    )
    def create(self, conversation_id: str, query: IncludeQuery, body: CreateConversationItemsBody) -> Payload:
        """Store items at the end of a conversation, all or none, and answer them in their order.

        An item with the `id` of one that is there and says the same is that one; another one with it is
        refused.
        """
        items = self.with_references(body.items, conversation_id)
        rows = append_messages(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            drafts=drafts_of(items),
            writer=self.writer(),
        )
        return listed(items_sent(items, rows), has_more=False)

    @operation(
        "List items",
        Permission.READ,
        operation_id="listConversationItems",
        answer=ConversationItemList,
        not_found=NOT_FOUND,
    )
    def list(self, conversation_id: str, query: ItemsQuery) -> Payload:
        """The items of a conversation, newest first unless asked otherwise."""
        rest, position = self._rest_of(conversation_id, query)
        order = Order(("seq",), descending=query.is_descending)
        filters = [Equal("conversation_id", conversation_id), *filters_of(query)]
        listing = self.listing(filters, order, Window(after=position))
        rows, has_more = self.first_rows(ItemRow, listing, query.limit)
        if not rows and position is None:
            self.require(Conversation.objects.all(), ConversationNotFound, pk=conversation_id)
        of_rows, is_cut = self.items_of_rows(rows)
        shown = map(items_shown, rows, of_rows)
        items = [*rest, *(item for some in shown for item in _directed(some, query))]
        return listed(items[: query.limit], has_more=has_more or is_cut or len(items) > query.limit)

    @operation(
        "Retrieve an item",
        Permission.READ,
        operation_id="getConversationItem",
        answer=ConversationItem,
        not_found=NOT_FOUND,
    )
    def retrieve(self, conversation_id: str, item_id: str, query: IncludeQuery) -> Payload:
        """One item."""
        row, items, number = self.item_at(item_id, conversation_id)
        return items_shown(row, items)[number]

    @operation(
        "Delete an item",
        Permission.WRITE,
        operation_id="deleteConversationItem",
        answer=ConversationResource,
        not_found=NOT_FOUND,
    )
    def destroy(self, conversation_id: str, item_id: str) -> Payload:
        """Delete an item, and answer its conversation."""
        row = self.row_at(item_id, conversation_id)
        delete_item(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            message_id=row["id"],
            item_id=item_id,
        )
        conversations = IndexScan.of_workspace(Conversation, self.workspace_id, id=conversation_id)
        [left] = json_rows(
            conversations.in_order(("id",)), ConversationResource.columns(), ConversationResource.parse
        )
        return ConversationResource.of(self._timed([left])[0])

    def _rest_of(self, conversation_id: str, query: ItemsQuery) -> tuple[Items, Position | None]:
        """(what a page begins with: the other items of the message that `after` names one of, the position
        of that message)."""
        if query.after is None:
            return [], None
        row, items, number = self.item_at(query.after, conversation_id)
        rest = items[:number] if query.is_descending else items[number + 1 :]
        return _directed(items_shown(row, rest), query), (row["seq"],)


def _directed(items: Items, query: ItemsQuery) -> Items:
    return items[::-1] if query.is_descending else items
