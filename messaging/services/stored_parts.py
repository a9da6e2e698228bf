"""What the store asks of the app that keeps the parts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, F
from django.db.models.functions import TruncDate

from messaging.models import Message, Part, Run, StoredObject
from messaging.parts import AgentRun, Link, ToolErrors
from messaging.parts import Part as PartDict
from messaging.parts.store import derived_parts_of

from .contents import follow_content
from .part_reading import COLUMNS, part_read

__all__ = ["ThreadParts"]

OF_A_RUN = ("id", "agent_id", "status", "model", "usage", "started_at")


class ThreadParts:
    """See `messaging.parts.PartStore`."""

    def read(
        self, *, workspace_id: str, messages: Sequence[Message], link: Link
    ) -> Mapping[str, Sequence[PartDict]]:
        stored = self._stored(workspace_id, {row.pk: row for row in messages if row.run_id})
        return {row.pk: stored.get(row.pk) or derived_parts_of(row, link) for row in messages}

    def runs(self, *, workspace_id: str, run_ids: Collection[str]) -> Mapping[str, AgentRun]:
        if not run_ids:
            return {}
        found = Run.objects.for_workspace(workspace_id).filter(pk__in=run_ids)
        return {run.pk: _agent_run(run) for run in found}

    def redact(self, *, workspace_id: str, message_ids: Collection[str]) -> None:
        Part.objects.for_workspace(workspace_id).filter(message__in=message_ids).delete()
        StoredObject.objects.for_workspace(workspace_id).filter(message__in=message_ids).delete()

    def _stored(self, workspace_id: str, by_id: Mapping[str, Message]) -> Mapping[str, list[PartDict]]:
        """Only messages of runs have parts in rows."""
        found: dict[str, list[PartDict]] = defaultdict(list)
        if by_id:
            for part in Part.objects.for_workspace(workspace_id).of_messages(by_id):
                row = {name: getattr(part, name) for name in COLUMNS}
                found[part.message_id].append(part_read(row, by_id[part.message_id].content))
        return found

    def follow_content(self, message: Message) -> None:
        follow_content(message)

    def counts(self, *, messages: Any, conversations: Any = None) -> Mapping[str, int]:
        # Only messages of runs have parts, and of those there is an index.
        by_runs = messages.exclude(run_id=None)
        runs = (
            {}
            if conversations is None
            else {"runs": Run.objects.filter(conversation__in=conversations).count()}
        )
        return {
            **runs,
            "parts": Part.objects.filter(message__in=by_runs).count(),
            "stored objects": StoredObject.objects.filter(message__in=messages).count(),
        }

    def tool_errors(
        self, *, workspace_ids: Collection[str] | None, since: datetime, until: datetime
    ) -> ToolErrors | None:
        failed = Part.objects.failed_within(since, until)
        if workspace_ids is not None:
            failed = failed.filter(workspace__in=workspace_ids)
        day = TruncDate("failed_at", tzinfo=since.tzinfo)
        counts = failed.values(day=day, tool=F("tool_name")).annotate(count=Count("*"))
        return [(row["day"], row["tool"] or "", row["count"]) for row in counts]


def _agent_run(run: Run) -> AgentRun:
    ended_at = run.completed_at or run.failed_at or run.cancelled_at
    return AgentRun(**{name: getattr(run, name) for name in OF_A_RUN}, ended_at=ended_at)
