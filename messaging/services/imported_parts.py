"""Storing the runs, parts and objects of imported messages."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from messaging.models import Message, Part, Run, StoredObject
from messaging.values.ids import derived_id

from .objects import NewObjects, object_path
from .part_drafts import part_rows

__all__ = ["ImportedBelow", "ImportedObject", "PreparedImport", "store_imported_runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedObject:
    """A stored object of another store."""

    id: str
    fields: Mapping[str, Any]
    """Columns of StoredObject."""
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedBelow:
    """What another store kept below a message."""

    parts: Sequence[Mapping[str, Any]]
    """With their ids and the refs of their objects."""
    objects: Sequence[ImportedObject]
    refs: Mapping[str, Any]
    """Fields of the message that may name objects: structured content, attachments, tool calls."""


def store_imported_runs(
    *, workspace_id: str, conversation_id: str, runs: Mapping[str, Mapping[str, Any]]
) -> None:
    """Insert those of these runs, columns by id, that are not there, in the transaction of the caller."""
    known = set(Run.objects.filter(pk__in=list(runs)).values_list("pk", flat=True))
    rows = [
        Run(id=run_id, workspace_id=workspace_id, conversation_id=conversation_id, **columns)
        for run_id, columns in runs.items()
        if run_id not in known
    ]
    Run.objects.insert_all(rows)


@dataclass(slots=True)
class PreparedImport:
    """What is about to be stored below imported messages; see `messaging.companion.Prepared`."""

    workspace_id: str
    below: Mapping[str, ImportedBelow]
    """By id of the message."""
    keeps_ids: bool
    changes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _object_ids: dict[str, dict[str, str]] = field(default_factory=dict)
    _objects: dict[str, NewObjects] = field(default_factory=dict)

    def __post_init__(self) -> None:
        free = self._free(
            StoredObject, [found.id for below in self.below.values() for found in below.objects]
        )
        for message_id, below in self.below.items():
            ids = {
                found.id: found.id if found.id in free else derived_id("obj", message_id, found.id)
                for found in below.objects
            }
            self._object_ids[message_id] = ids
            self._objects[message_id] = self._new_objects(below.objects, ids)
            if below.objects:
                self.changes[message_id] = {name: _readdressed(v, ids) for name, v in below.refs.items()}

    @contextmanager
    def written(self) -> Iterator[None]:
        """Within, the files are there; afterwards only if `store` was called and nothing was raised."""
        everything = NewObjects(self.workspace_id)
        everything.files = [pair for objects in self._objects.values() for pair in objects.files]
        with everything.written():
            yield
            everything.are_stored = all(new.are_stored for new in self._objects.values() if new.files)

    def store(self, messages: Mapping[str, Message]) -> None:
        """Insert the rows below these messages, in the transaction of the caller."""
        given = [part["id"] for below in self.below.values() for part in below.parts]
        free = self._free(Part, given)
        rows = []
        for message_id, below in self.below.items():
            self._objects[message_id].store(messages[message_id])
            parts = [_readdressed(part, self._object_ids[message_id]) for part in below.parts]
            for row, part in zip(part_rows(messages[message_id], parts), parts, strict=True):
                row.id = part["id"] if part["id"] in free else derived_id("part", message_id, row.position)
                rows.append(row)
        Part.objects.insert_all(rows)

    def _free(self, model: Any, ids: Sequence[str]) -> set[str]:
        """Those of these ids that may be kept."""
        if not self.keeps_ids or not ids:
            return set()
        return {name for name in ids if model._meta.pk.prefix == name.partition("_")[0]} - set(
            model.objects.filter(pk__in=ids).values_list("pk", flat=True)
        )

    def _new_objects(self, objects: Sequence[ImportedObject], ids: Mapping[str, str]) -> NewObjects:
        new = NewObjects(self.workspace_id)
        for found in objects:
            row = StoredObject(
                id=ids[found.id],
                workspace_id=self.workspace_id,
                path=object_path(self.workspace_id, ids[found.id]),
                sha256=hashlib.sha256(found.content).hexdigest(),
                **found.fields,
            )
            new.files.append((row, found.content))
        return new


def _readdressed(value: Any, ids: Mapping[str, str]) -> Any:
    """A JSON value in which refs name the objects by their new ids."""
    match value:
        case dict():
            named = {key: _readdressed(item, ids) for key, item in value.items()}
            if isinstance(named.get("object_id"), str):
                named["object_id"] = ids.get(named["object_id"], named["object_id"])
            return named
        case list():
            return [_readdressed(item, ids) for item in value]
    return value
