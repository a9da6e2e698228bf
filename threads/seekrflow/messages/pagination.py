"""A list of messages from a message on: where it continues does not depend on what others write meanwhile."""

from typing import Any

from messaging.exceptions import MessageNotFound
from messaging.index.rows import json_rows
from threads.seekrflow.lists import cut

from .inputs import MessagesQuery
from .outputs import message_columns

# Ties are broken by seq, so that equal moments never swap a tool call and its result.
ORDER = ("created_at", "seq")


def listed_messages(thread: Any, narrowed: Any, query: MessagesQuery) -> list[dict[str, Any]]:
    """The rows of `narrowed` that the query asks for, JSON columns as text.

    `after` and `before` may name any message of `thread`, narrowed away or not. Raises MessageNotFound.
    """
    descending = query.order == "desc"
    if query.after:
        narrowed = narrowed.beyond(ORDER, _place(thread, query.after), descending=descending)
    if query.before:
        narrowed = narrowed.beyond(ORDER, _place(thread, query.before), descending=not descending)
    # Nearest to `before` is last in the order asked for: read from there, and turned round.
    backwards = bool(query.before and not query.after)
    if backwards:
        query = query.model_copy(update={"order": "asc" if descending else "desc"})
    columns = message_columns(include_parts=query.include_parts)
    rows = json_rows(cut(narrowed, query, ORDER), columns, read=str)
    return rows[::-1] if backwards else rows


def _place(thread: Any, message_id: str) -> tuple[Any, ...]:
    place: tuple[Any, ...] | None = thread.filter(pk=message_id).values_list(*ORDER).first()
    if place is None:
        raise MessageNotFound
    return place
