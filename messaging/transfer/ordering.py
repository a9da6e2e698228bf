"""The order of a foreign conversation: that of its array, whatever the clocks of its authors showed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from messaging.services import ImportedMessage
from messaging.services.clock import rising

STEP = timedelta(microseconds=1)


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
