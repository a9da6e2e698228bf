"""Django's log of what staff did. It names what changed and never quotes it, so it survives redaction."""

import json
from collections.abc import Iterable, Sequence

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from messaging.models import Conversation, Message
from messaging.rights import Person

ChangeMessage = str | Sequence[object]
"""A sentence, or Django's structure: a list of `{"changed": {"fields": [...]}}` and the like."""


def log(
    user: Person,
    model: type[Model],
    named: Iterable[tuple[str | None, str]],
    flag: int,
    message: ChangeMessage = "",
) -> list[LogEntry]:
    """One entry for each (id, name), in one statement; an entry for many rows has None for its id."""
    content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
    text = message if isinstance(message, str) else json.dumps(message)
    entries = [
        LogEntry(
            user_id=user.pk,
            content_type=content_type,
            object_id=pk,
            object_repr=name[:200],
            action_flag=flag,
            change_message=text,
        )
        for pk, name in named
    ]
    return LogEntry.objects.bulk_create(entries)


def names_of(rows: Iterable[Model]) -> list[tuple[str, str]]:
    """Ids and names for the log: the texts of messages and the titles of conversations stay out of it."""
    return [(row.pk, str(row.pk if isinstance(row, Message | Conversation) else row)) for row in rows]
