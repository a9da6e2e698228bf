"""The order of a foreign conversation: that of its array, whatever the clocks of its authors showed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from messaging.services import ImportedMessage
from messaging.services.ordering import rising

__all__ = ["listed_in_order"]


def listed_in_order(messages: Iterable[ImportedMessage]) -> list[ImportedMessage]:
    """The messages of one conversation, each dated so that it is listed behind the one in front of it.

    The time that a message names stays what it was sent at.
    """
    given = list(messages)
    times = rising([message.draft.created_at for message in given])
    return [_dated(message, time) for message, time in zip(given, times, strict=True)]


def _dated(message: ImportedMessage, time: datetime | None) -> ImportedMessage:
    if time is None:
        return message
    draft = replace(message.draft, created_at=message.draft.created_at or time)
    return replace(message, draft=draft, columns={**message.columns, "created_at": time})
