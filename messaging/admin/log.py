"""Django's log of what staff did. It names what changed and never quotes it, so it survives redaction."""

import json
from collections.abc import Iterable, Sequence

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from messaging.models import Conversation, Message
from messaging.rights import Person

__all__ = ["ChangeMessage", "log", "log_ids", "log_summary", "name_of"]

ChangeMessage = str | Sequence[object]
"""A sentence, or Django's structure: a list of `{"changed": {"fields": [...]}}` and the like."""


def log(
    user: Person, objects: Iterable[Model], action_flag: int, change_message: ChangeMessage = ""
) -> list[LogEntry]:
    """One entry for each of these objects, which are of one model, in one statement."""
    rows = list(objects)
    if not rows:
        return []
    return _write(user, type(rows[0]), [(row.pk, name_of(row)) for row in rows], action_flag, change_message)


def log_ids(
    user: Person, model: type[Model], ids: Iterable[str], action_flag: int, change_message: ChangeMessage = ""
) -> list[LogEntry]:
    """One entry for each of these ids, in one statement."""
    return _write(user, model, [(pk, pk) for pk in ids], action_flag, change_message)


def log_summary(
    user: Person, model: type[Model], what: str, action_flag: int, change_message: ChangeMessage
) -> None:
    """One entry for many rows at once, which names none of them."""
    _write(user, model, [(None, what)], action_flag, change_message)


def name_of(obj: Model) -> str:
    """How the log names an object: the texts of messages and the titles of conversations stay out of it."""
    return str(obj.pk) if isinstance(obj, Message | Conversation) else str(obj)


def _write(
    user: Person,
    model: type[Model],
    named: Iterable[tuple[str | None, str]],
    action_flag: int,
    change_message: ChangeMessage,
) -> list[LogEntry]:
    content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
    entries = [
        LogEntry(
            user_id=user.pk,
            content_type=content_type,
            object_id=pk,
            object_repr=name[:200],
            action_flag=action_flag,
            change_message=change_message if isinstance(change_message, str) else json.dumps(change_message),
        )
        for pk, name in named
    ]
    return LogEntry.objects.bulk_create(entries)
