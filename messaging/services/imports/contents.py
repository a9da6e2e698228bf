"""Runs, parts and objects of another store, ready to be stored under ids that are free here."""

import hashlib
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

from messaging.content import part_of, results_shown
from messaging.models import Part, Run, StoredObject
from messaging.services.drafts import MessageDraft
from messaging.services.files import NewObject, file_path
from messaging.services.prepared import PreparedBatch
from messaging.services.recording import change_of, record
from messaging.values.choices import ChangeKind
from messaging.values.ids import derived_id
from messaging.values.types import JSONObject

from .shapes import ImportedObject

ImportedDraft = tuple[MessageDraft, Sequence[ImportedObject]]
"""A message under its id here, its parts with the ids and refs of the other store; and its objects."""


def store_imported_runs(workspace_id: str, conversation_id: str, runs: Mapping[str, JSONObject]) -> None:
    """Insert those of these runs, columns by id, that are not there, in the transaction of the caller."""
    known = set(Run.objects.filter(pk__in=list(runs)).values_list("pk", flat=True))
    rows = [
        Run(id=run_id, workspace_id=workspace_id, conversation_id=conversation_id, **columns)
        for run_id, columns in runs.items()
        if run_id not in known
    ]
    Run.objects.insert_all(rows)
    if rows:
        run_id = rows[0].pk if len(rows) == 1 else None
        told = change_of(
            ChangeKind.RUN_CREATED,
            workspace_id,
            conversation_id=conversation_id,
            run_id=run_id,
            count=len(rows),
            imported=True,
        )
        record(told)


def prepare_imported(
    workspace_id: str,
    given: Sequence[ImportedDraft],
    *,
    keeps_ids: bool,
    stored: Mapping[str, Collection[str]],
) -> PreparedBatch:
    """Imported messages as `prepare` makes them of new ones.

    With `keeps_ids` parts and objects keep the ids that they have, where these are free. `stored` are the
    objects that a message of this id has already: they stay as they are.
    """
    parts = _free(Part, [part["id"] for draft, _ in given for part in draft.parts], keeps_ids)
    objects = _free(StoredObject, [stored.id for _, some in given for stored in some], keeps_ids)
    batch = PreparedBatch()
    for draft, some in given:
        message_id = draft.id or ""
        kept = stored.get(message_id, ())
        ids = {
            name: name if name in objects or name in kept else derived_id("obj", message_id, name)
            for name in (given.id for given in some)
        }
        new = [_new_object(workspace_id, message_id, ids[given.id], given) for given in some]
        batch.add(*_prepared(draft, ids, parts), [pair for pair in new if pair[0].pk not in kept])
    return batch


def _prepared(
    draft: MessageDraft, ids: Mapping[str, str], free_parts: Container[str]
) -> tuple[MessageDraft, Sequence[JSONObject]]:
    """A message and its parts with the ids that hold here, those of its objects as given."""
    parts = [
        readdressed(part, ids)
        | {"id": part["id"] if part["id"] in free_parts else derived_id("part", draft.id or "", position)}
        for position, part in enumerate(draft.parts)
    ]
    if parts:
        shown = results_shown(draft.role, [part_of(part) for part in parts])
        draft = replace(draft, derived_meta_data=shown)
    if ids:
        named = ("structured_content", "attachments", "tool_calls")
        draft = replace(draft, **{name: readdressed(getattr(draft, name), ids) for name in named})
    return draft, parts


def _new_object(workspace_id: str, message_id: str, name: str, given: ImportedObject) -> NewObject:
    sha256 = {"sha256": hashlib.sha256(given.content).hexdigest()} if isinstance(given.content, bytes) else {}
    row = StoredObject(
        id=name,
        workspace_id=workspace_id,
        message_id=message_id,
        path=file_path(workspace_id, name),
        **{**sha256, **given.fields},
    )
    return row, given.content


def _free(model: Any, ids: Sequence[str], keeps_ids: bool) -> set[str]:
    """Those of these ids that may be kept."""
    ours = {name for name in ids if name.partition("_")[0] == model._meta.pk.prefix}
    if not keeps_ids or not ours:
        return set()
    return ours - set(model.objects.filter(pk__in=ours).values_list("pk", flat=True))


def readdressed(value: object, ids: Mapping[str, str]) -> Any:
    """A JSON value in which refs name the objects by their new ids."""
    match value:
        case dict():
            named = {key: readdressed(item, ids) for key, item in value.items()}
            if isinstance(named.get("object_id"), str):
                named["object_id"] = ids.get(named["object_id"], named["object_id"])
            return named
        case list():
            return [readdressed(item, ids) for item in value]
    return value
