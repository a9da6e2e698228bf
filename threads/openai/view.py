"""What the views of OpenAI's wire share."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from messaging.exceptions import ConversationNotFound
from messaging.index.filters import Equal, Filter, Pairs
from messaging.index.listing import Listing, Order, Window
from messaging.index.plan import plan
from messaging.models import Conversation
from messaging.sql.rows import JSONRow
from messaging.wire.pagination import part_between
from messaging.wire.shapes import Read
from messaging.wire.view import CONVERSATIONS, WireViewSet
from threads.models import Thread

from .dialect import OPENAI
from .pages import TwoWayListQuery, listed

HOSTED_ID = re.compile(r"(?:thread|conv)_[A-Za-z0-9]{1,64}", re.ASCII)
OWN_ID = re.compile(r"conv_[0-9a-z]{26}", re.ASCII)
NEWEST = Order(("created_at", "id"), descending=True)


class OpenAIViewSet(WireViewSet):
    dialect = OPENAI

    def ids_of(self, path: Mapping[str, str]) -> Mapping[str, str]:
        """An id that the vendor gave a conversation, which came here with it, names it in a path, too."""
        hosted = {name: value for name, value in path.items() if _is_hosted(name, value)}
        return {**path, **{name: self._kept_as(value) or value for name, value in hosted.items()}}

    def _kept_as(self, hosted_id: str) -> str | None:
        """The id of the newest conversation that has this one as its `external_id`, else as the `id` of its
        meta data, where imports leave it."""
        own = (Equal("external_id", hosted_id), Pairs.of("meta_data", {"id": hosted_id}))
        for each in own:
            listing = Listing(
                model=Conversation,
                workspaces=(self.workspace_id,),
                filters=(each,),
                order=NEWEST,
                window=Window(stop=1),
            )
            rows, _ = plan(listing).first_rows(NEWEST.names, str)
            if rows:
                return str(rows[0]["id"])
        return None

    def list_of(
        self, shape: type[Read], query: TwoWayListQuery, order: Sequence[str], *filters: Filter
    ) -> dict[str, Any]:
        """The page that a query asks for of the rows that these filters leave."""
        rows, has_more = self.first_rows(shape, self.listing_between(query, order, *filters), query.limit)
        return listed(shape.all_of(rows), has_more=has_more)

    def listing_between(self, query: TwoWayListQuery, order: Sequence[str], *filters: Filter) -> Listing:
        """The rows that these filters leave, between the two whose ids the query names. Raises `not_found`
        for an id that is none of theirs."""
        listing = self.listing(filters, Order(tuple(order), descending=query.is_descending))
        ends = {"after": query.after, "before": query.before}
        return replace(listing, window=part_between(Window(), listing, **ends, unknown=self.not_found))

    def first_rows(self, shape: type[Read], listing: Listing, limit: int) -> tuple[list[JSONRow], bool]:
        """(the first rows of a listing, as many as an answer holds and `limit` at most; whether there are
        more of them)."""
        source = plan(replace(listing, window=replace(listing.window, stop=limit + 1)))
        read, is_cut = source.first_rows((*shape.columns(), *listing.order.names), shape.parse)
        rows = read[:limit]
        if listing.window.is_backward:
            rows.reverse()
        return self._timed(rows), is_cut or len(read) > limit


def behind(listing: Listing, rows: Sequence[JSONRow]) -> Listing:
    """The same listing, in the order of the numbers of messages, without what was read of it."""
    window = listing.window
    if window.is_backward:
        return replace(listing, window=replace(window, before=(rows[0]["seq"],)))
    return replace(listing, window=replace(window, after=(rows[-1]["seq"],)))


def _is_hosted(name: str, value: str) -> bool:
    is_conversation = name in CONVERSATIONS and HOSTED_ID.fullmatch(value)
    return bool(is_conversation) and not OWN_ID.fullmatch(value)


class AssistantsViewSet(OpenAIViewSet):
    """Threads, messages and runs of the Assistants, which the vendor has shut."""

    tag = "Assistants threads"

    def require_thread(self, thread_id: str) -> None:
        """Raises ConversationNotFound."""
        self.require(Thread.objects.all(), ConversationNotFound, pk=thread_id)
