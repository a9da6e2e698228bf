"""Exporting: lines of JSON, a page of rows in memory at a time, all of one moment."""

import base64
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q
from django.utils import timezone

from messaging.models import Conversation, Message, Run, StoredObject, Workspace
from messaging.models.conversation import ConversationQuerySet
from messaging.services.bulk import batches
from messaging.services.reading import stored_parts
from messaging.services.transactions import reading_snapshot
from messaging.sql.rows import json_rows
from messaging.values.json import encode

from .formats.parley import FORMAT, VERSION

logger = logging.getLogger("messaging")

PAGE = 1_000
NOT_OF_CONVERSATIONS = ("active_run", "index_terms", "last_created_at", "last_seq", "search_title")
NOT_OF_MESSAGES = ("has_parts", "index_terms", "search_text", "workspace_id")

Row = dict[str, Any]


def _columns(model: type[Model], without: Collection[str]) -> tuple[str, ...]:
    return tuple(column.attname for column in model._meta.concrete_fields if column.attname not in without)


CONVERSATION_COLUMNS = _columns(Conversation, NOT_OF_CONVERSATIONS)
MESSAGE_COLUMNS = _columns(Message, NOT_OF_MESSAGES)
RUN_COLUMNS = _columns(Run, ("workspace_id",))
OBJECT_COLUMNS = _columns(StoredObject, ("workspace_id", "message_id", "path"))
READ = (*MESSAGE_COLUMNS, "has_parts", "workspace_id")


def changed_since(conversations: ConversationQuerySet, moment: datetime) -> ConversationQuerySet:
    """Those of these conversations that changed then or later, themselves or any of their messages.

    A correction, a tag or a redaction of a message leaves its conversation as it is. No index orders messages
    by their last change: the condition reads the messages of every conversation that did not change itself.
    """
    messages = Message.objects.filter(workspace=OuterRef("workspace"), conversation=OuterRef("pk"))
    return conversations.filter(Q(updated_at__gte=moment) | Exists(messages.filter(updated_at__gte=moment)))


def export_conversations(conversations: Any) -> Iterator[bytes]:
    """The lines of an export of these conversations, a queryset, with all that belongs to them."""
    return _export(_of_conversations, conversations)


def export_messages(messages: Any) -> Iterator[bytes]:
    """The lines of an export of these messages, a queryset, each behind a line of its conversation."""
    return _export(_of_messages, messages)


@dataclass(slots=True)
class _Lines:
    """Writes lines and counts them."""

    slugs: Mapping[str, str]
    counts: dict[str, int] = field(default_factory=lambda: {"conversation": 0, "run": 0, "message": 0})
    last: str | None = None
    """The conversation whose line was written last."""
    listed: set[str] = field(default_factory=set)
    """Its runs that have lines."""

    def of(
        self, group: Sequence[Row], runs: Mapping[str, Iterable[Row]], messages: Sequence[Row]
    ) -> Iterator[bytes]:
        """Conversations of one workspace, those of their runs and messages that have no lines yet."""
        related = _parts_and_objects(group[0]["workspace_id"], messages)
        messages_of = _grouped(messages)
        for row in group:
            if row["id"] != self.last:
                self.last, self.listed = row["id"], set()
                yield self._counted("conversation", row | {"workspace": self.slugs.get(row["workspace_id"])})
            for run in runs.get(row["id"], ()):
                if run["id"] not in self.listed:
                    self.listed.add(run["id"])
                    yield self._counted("run", run)
            for message in messages_of[row["id"]]:
                own = {name: message[name] for name in MESSAGE_COLUMNS}
                yield self._counted("message", own | related.get(message["id"], {}))

    def end(self) -> bytes:
        return _line("end", {f"{kind}s": count for kind, count in self.counts.items()})

    def _counted(self, kind: str, row: Row) -> bytes:
        self.counts[kind] += 1
        return _line(kind, row)


def _export(written: Callable[[Any, _Lines], Iterator[bytes]], rows: Any) -> Iterator[bytes]:
    with reading_snapshot():
        yield _line("export", {"format": FORMAT, "version": VERSION, "exported_at": timezone.now()})
        lines = _Lines(dict(Workspace.objects.values_list("pk", "slug")))
        yield from written(rows, lines)
        yield lines.end()


def _of_conversations(conversations: Any, lines: _Lines) -> Iterator[bytes]:
    for page in _pages(conversations, CONVERSATION_COLUMNS, ("id",)):
        for group in _groups(page):
            workspace_id, ids = group[0]["workspace_id"], [row["id"] for row in group]
            messages = Message.objects.for_workspace(workspace_id).filter(conversation__in=ids)
            if len(group) == 1:
                runs = _runs_of(workspace_id, conversation__in=ids)
                for some in _pages(messages, READ, ("seq",)):
                    yield from lines.of(group, {ids[0]: runs}, some)
            else:  # small ones, read at once
                of_runs = _grouped(_runs_of(workspace_id, conversation__in=ids))
                yield from lines.of(group, of_runs, json_rows(messages.order_by("conversation", "seq"), READ))


def _of_messages(messages: Any, lines: _Lines) -> Iterator[bytes]:
    for page in _sorted(messages, READ, ("conversation_id", "seq")):
        messages_of = _grouped(page)
        tenants = {row["workspace_id"] for row in page}
        conversations = Conversation.objects.filter(workspace__in=tenants, pk__in=list(messages_of))
        for group in _groups(json_rows(conversations.order_by("pk"), CONVERSATION_COLUMNS)):
            rows = [row for conversation in group for row in messages_of[conversation["id"]]]
            run_ids = {row["run_id"] for row in rows if row["run_id"]}
            yield from lines.of(group, _grouped(_runs_of(group[0]["workspace_id"], pk__in=run_ids)), rows)


def _pages(queryset: Any, columns: Sequence[str], order: Sequence[str]) -> Iterator[list[Row]]:
    """All rows, page by page, each by an index scan from where the last one ended; at least one page."""
    ordered = queryset.in_order(order, descending=False)
    page = json_rows(ordered[:PAGE], columns)
    yield page
    while len(page) == PAGE:
        position = tuple(page[-1][name] for name in order)
        page = json_rows(ordered.after(order, position)[:PAGE], columns)
        yield page


def _sorted(queryset: Any, columns: Sequence[str], order: Sequence[str]) -> Iterator[list[Row]]:
    """The same of rows that no index may hold in this order: they are sorted once, by key."""
    ordered = queryset.in_order(order, descending=False)
    rows = queryset.model._default_manager.using(queryset.db).in_order(order, descending=False)
    for batch in batches(ordered.values_list("pk", "workspace_id").iterator(chunk_size=PAGE), PAGE):
        tenants = {workspace_id for _, workspace_id in batch}
        yield json_rows(rows.filter(workspace__in=tenants, pk__in=[key for key, _ in batch]), columns)


def _groups(page: Iterable[Row]) -> Iterator[list[Row]]:
    """The conversations, together where they are of one workspace and small."""
    group: list[Row] = []
    size = 0
    for row in page:
        if group and (size + row["message_count"] > PAGE or row["workspace_id"] != group[0]["workspace_id"]):
            yield group
            group, size = [], 0
        group.append(row)
        size += row["message_count"]
    if group:
        yield group


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["conversation_id"]].append(row)
    return grouped


def _runs_of(workspace_id: str, **condition: Collection[str]) -> Iterator[Row]:
    """The runs of this condition, those of one conversation in their order."""
    runs = Run.objects.for_workspace(workspace_id).filter(**condition)
    for run in runs.order_by("conversation", "created_at", "pk").iterator(chunk_size=PAGE):
        yield {name: getattr(run, name) for name in RUN_COLUMNS}


def _parts_and_objects(workspace_id: str, messages: Sequence[Row]) -> Mapping[str, Row]:
    """What to add to the records of these messages, by id."""
    records: dict[str, Row] = defaultdict(dict)
    objects = StoredObject.objects.for_workspace(workspace_id)
    for stored in objects.filter(message__in=[row["id"] for row in messages]):
        record = {name: getattr(stored, name) for name in OBJECT_COLUMNS}
        records[stored.message_id].setdefault("objects", []).append(record | {"data": _data(stored)})
    for message_id, parts in stored_parts(messages, workspace_id).items():
        records[message_id]["parts"] = parts
    return records


def _data(stored: StoredObject) -> str | None:
    """The bytes of an object in base64; None where the storage has lost the file."""
    try:
        with stored.open() as file:
            return base64.b64encode(file.read()).decode()
    except Exception:  # whatever the storage raises: the rest is worth exporting
        logger.exception("could not read %s", stored.path)
        return None


def _line(kind: str, row: Row) -> bytes:
    """One record; keys without a value are left out."""
    return encode({"type": kind} | {name: item for name, item in row.items() if item is not None}) + b"\n"
