"""What exports say of runs and of what is below messages, and how imports bring it back."""

import base64
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from messaging.companion import Exported, Prepared
from messaging.models import Part, Run, StoredObject
from messaging.services.imported_parts import ImportedBelow, PreparedImport, store_imported_runs
from messaging.services.part_reading import COLUMNS, part_read

from .lines import MessageLine, RunLine

__all__ = ["ThreadCompanion"]

logger = logging.getLogger("threads")

PAGE = 1_000
NOT_OF_RUNS = ("id", "workspace_id", "conversation_id")
NOT_OF_OBJECTS = ("workspace_id", "message_id", "path")


class ThreadCompanion:
    """See `messaging.companion.Companion`."""

    def runs(
        self,
        *,
        workspace_id: str,
        conversation_ids: Sequence[str],
        run_ids: Collection[str] | None = None,
    ) -> Iterator[tuple[str, Exported]]:
        names = [name for name in _columns(Run) if name not in NOT_OF_RUNS]
        runs = Run.objects.for_workspace(workspace_id).filter(conversation__in=conversation_ids)
        if run_ids is not None:
            runs = runs.filter(pk__in=run_ids)
        for run in runs.order_by("conversation", "created_at", "pk").iterator(chunk_size=PAGE):
            yield run.conversation_id, {"id": run.pk, **{name: getattr(run, name) for name in names}}

    def below(self, *, workspace_id: str, messages: Iterable[Mapping[str, Any]]) -> Mapping[str, Exported]:
        found: dict[str, Exported] = defaultdict(dict)
        rows = list(messages)
        for stored in StoredObject.objects.for_workspace(workspace_id).filter(
            message__in=[row["id"] for row in rows]
        ):
            found[stored.message_id].setdefault("objects", []).append(_object(stored))
        contents = {row["id"]: row["content"] for row in rows if row["run_id"]}
        if contents:
            for part in Part.objects.for_workspace(workspace_id).of_messages(contents):
                columns = {name: getattr(part, name) for name in COLUMNS}
                parts = found[part.message_id].setdefault("parts", [])
                parts.append(part_read(columns, contents[part.message_id]))
        return found

    def checked_run(self, record: Mapping[str, Any]) -> RunLine:
        return RunLine.model_validate(record)

    def checked_message(self, record: Mapping[str, Any]) -> ImportedBelow | None:
        return MessageLine.model_validate(record).below()

    def store_runs(self, *, workspace_id: str, conversation_id: str, runs: Mapping[str, RunLine]) -> None:
        columns = {run_id: run.columns() for run_id, run in runs.items()}
        store_imported_runs(workspace_id=workspace_id, conversation_id=conversation_id, runs=columns)

    def prepared(self, *, workspace_id: str, below: Mapping[str, ImportedBelow], keeps_ids: bool) -> Prepared:
        return PreparedImport(workspace_id, below, keeps_ids)


def _columns(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _object(stored: StoredObject) -> Exported:
    """An object with its bytes in base64; without, where the storage has lost the file."""
    names = [name for name in _columns(StoredObject) if name not in NOT_OF_OBJECTS]
    return {**{name: getattr(stored, name) for name in names}, "data": _data(stored)}


def _data(stored: StoredObject) -> str | None:
    try:
        with stored.open() as file:
            return base64.b64encode(file.read()).decode()
    except Exception:  # whatever the storage raises: the rest is worth exporting
        logger.exception("could not read %s", stored.path)
        return None
