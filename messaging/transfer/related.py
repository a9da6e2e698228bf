"""What an export says of the runs of a conversation, and of the parts and objects of its messages."""

import base64
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Model

from messaging.models import Run, StoredObject
from messaging.services.reading import stored_parts

logger = logging.getLogger("messaging")

PAGE = 1_000
NOT_OF_RUNS = ("id", "workspace_id", "conversation_id")
NOT_OF_OBJECTS = ("workspace_id", "message_id", "path")

Row = dict[str, Any]


def runs_of(
    *, workspace_id: str, conversation_ids: Sequence[str], run_ids: Collection[str] | None = None
) -> Iterator[tuple[str, Row]]:
    """(id of the conversation, record of a run), those of one conversation in their order; with `run_ids`
    only these."""
    names = _columns(Run, NOT_OF_RUNS)
    runs = Run.objects.for_workspace(workspace_id).filter(conversation__in=conversation_ids)
    if run_ids is not None:
        runs = runs.filter(pk__in=run_ids)
    for run in runs.order_by("conversation", "created_at", "pk").iterator(chunk_size=PAGE):
        yield run.conversation_id, {"id": run.pk, **{name: getattr(run, name) for name in names}}


def parts_and_objects(workspace_id: str, messages: Sequence[Mapping[str, Any]]) -> Mapping[str, Row]:
    """What to add to the records of these messages, rows with `id`, `has_parts` and `content`, by id."""
    records: dict[str, Row] = defaultdict(dict)
    objects = StoredObject.objects.for_workspace(workspace_id)
    for stored in objects.filter(message__in=[row["id"] for row in messages]):
        records[stored.message_id].setdefault("objects", []).append(_object(stored))
    for message_id, parts in stored_parts(messages, workspace_id).items():
        records[message_id]["parts"] = parts
    return records


def _columns(model: type[Model], without: Collection[str]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.attname not in without]


def _object(stored: StoredObject) -> Row:
    """An object with its bytes in base64; without, where the storage has lost the file."""
    names = _columns(StoredObject, NOT_OF_OBJECTS)
    return {**{name: getattr(stored, name) for name in names}, "data": _data(stored)}


def _data(stored: StoredObject) -> str | None:
    try:
        with stored.open() as file:
            return base64.b64encode(file.read()).decode()
    except Exception:  # whatever the storage raises: the rest is worth exporting
        logger.exception("could not read %s", stored.path)
        return None
