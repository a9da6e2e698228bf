"""Counting tokens anew, where another counter counts from now on."""

from collections.abc import Iterator
from typing import Any

from messaging.conf import parley_settings
from messaging.models import Message
from messaging.sql.columns import field_of
from messaging.sql.passes import BATCH, Keys, in_passes
from messaging.values.tokens import WRITER

from .transactions import atomic

COLUMNS = ("token_count", "token_counter")
COUNT = field_of(Message, COLUMNS[0])


def recount_tokens() -> int:
    """Let the present counter count the messages that another one counted, in the whole store; returns how
    many. The counts of writers stay. No change tells of it: the messages are the same.
    """
    return in_passes(_counted_otherwise, _recount, "tokens")


def _counted_otherwise(among: Keys | None) -> Iterator[Keys]:
    """Primary keys of the messages that another counter counted, of all or among these."""
    rows = Message.objects.exclude(token_counter__in=(parley_settings().token_counter, WRITER))
    keys = rows.order_by("pk").values_list("pk", flat=True)
    searched, last = keys if among is None else keys.filter(pk__in=among), ""
    while batch := list(searched.filter(pk__gt=last)[:BATCH]):
        last = batch[-1]
        yield batch


def _recount(keys: Keys) -> set[Any]:
    """Count these, but for those that others hold; returns which."""
    with atomic():
        rows = list(Message.objects.filter(pk__in=keys).select_for_update(skip_locked=True))
        for row in rows:
            COUNT.pre_save(row, add=False)
        Message.objects.filter(pk__in=keys).update_each(rows, COLUMNS)
    return {row.pk for row in rows}
