"""Django's log of what staff did. It names what changed, never what it said: no redaction reaches it."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from messaging.models import Conversation, Message

__all__ = ["log", "log_ids", "name_of"]


def log(user: Any, objects: Iterable[Any], action_flag: int, change_message: Any = "") -> list[LogEntry]:
    """One entry for each of these objects, which are of one model."""
    named = [(obj.pk, name_of(obj), type(obj)) for obj in objects]
    return _write(user, named[0][2], [(pk, name) for pk, name, _ in named], action_flag, change_message)


def log_ids(
    user: Any, model: type[Any], ids: Iterable[str], action_flag: int, change_message: Any = ""
) -> list[LogEntry]:
    """One entry for each of these ids, in one statement."""
    return _write(user, model, [(pk, pk) for pk in ids], action_flag, change_message)


def name_of(obj: Any) -> str:
    """How the log calls an object: the texts of messages and the titles of conversations stay out of it."""
    return str(obj.pk) if isinstance(obj, Message | Conversation) else str(obj)


def _write(
    user: Any, model: type[Any], named: Iterable[tuple[str, str]], action_flag: int, change_message: Any
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
