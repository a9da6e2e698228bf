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

from messaging.conf import parley_settings
from messaging.models import Conversation, Feedback, MemoryDismissal, Message, Run, StoredObject, Workspace
from messaging.models.conversation import ConversationQuerySet
from messaging.services.bulk import batches
from messaging.services.reading import stored_parts
from messaging.services.transactions import reading_snapshot
from messaging.sql.rows import Selectable, first_json_rows, json_rows
from messaging.storage import storage_errors
from messaging.values.json import encode

from .formats.parley import FORMAT, VERSION
from .memory_lines import COLUMNS as MEMORY_COLUMNS
from .memory_lines import memories_of, with_origins

logger = logging.getLogger("messaging")

PAGE = 1_000
NOT_OF_CONVERSATIONS = (
    *("active_run", "index_terms", "last_created_at", "last_seq", "search_other", "search_title"),
    "superseded_count",
)
NOT_OF_MESSAGES = ("failed_tool", "has_parts", "index_terms", "search_other", "search_text", "workspace_id")

PLURALS = {"conversation": "conversations", "run": "runs", "message": "messages", "memory": "memories"}

Row = dict[str, Any]


def _columns(model: type[Model], without: Collection[str]) -> tuple[str, ...]:
    return tuple(column.attname for column in model._meta.concrete_fields if column.attname not in without)


CONVERSATION_COLUMNS = _columns(Conversation, NOT_OF_CONVERSATIONS)
MESSAGE_COLUMNS = _columns(Message, NOT_OF_MESSAGES)
RUN_COLUMNS = _columns(Run, ("workspace_id",))
OBJECT_COLUMNS = _columns(StoredObject, ("workspace_id", "message_id", "path"))
FEEDBACK = (
    "id",
    "name",
    "data_type",
    "value",
    "comment",
    "user_id",
    "created_by",
    "created_at",
    "updated_at",
)
IN_ORDER = ("conversation_id", "seq")
READ = (*MESSAGE_COLUMNS, "has_parts", "workspace_id")


def changed_since(conversations: ConversationQuerySet, moment: datetime) -> ConversationQuerySet:
    """Those of these conversations that changed then or later, themselves or any of their messages.

    A correction, a tag or a redaction of a message leaves its conversation as it is. No index orders messages
    by their last change: the condition reads the messages of every conversation that did not change itself.
    """
    messages = Message.objects.filter(workspace=OuterRef("workspace"), conversation=OuterRef("pk"))
    return conversations.filter(Q(updated_at__gte=moment) | Exists(messages.filter(updated_at__gte=moment)))


def export_conversations(
    conversations: Any, *, whole: Collection[str] = (), since: datetime | None = None
) -> Iterator[bytes]:
    """The lines of an export of these conversations, a queryset, with all that belongs to them.

    Memories leave with the conversations from which alone they were drawn; those of workspaces that leave as
    a `whole`, by their ids, all, or with `since` those that changed then or later.
    """

    def written(rows: ConversationQuerySet, lines: _Lines) -> Iterator[bytes]:
        yield from _of_conversations(rows, lines)
        for workspace_id in dict.fromkeys([*lines.workspaces, *whole]):
            is_whole = workspace_id in whole
            memories = memories_of(workspace_id, rows, is_whole=is_whole, since=since)
            for page in _pages(memories, MEMORY_COLUMNS, ("id",)):
                yield from lines.of_memories(workspace_id, page)

    return _export(written, conversations)


def export_messages(messages: Any) -> Iterator[bytes]:
    """The lines of an export of these messages, a queryset, each behind a line of its conversation."""
    return _export(_of_messages, messages)


@dataclass(slots=True)
class _Lines:
    """Writes lines and counts them."""

    slugs: Mapping[str, str]
    counts: dict[str, int] = field(
        default_factory=lambda: {"conversation": 0, "run": 0, "message": 0, "memory": 0}
    )
    workspaces: dict[str, None] = field(default_factory=dict)
    """Those of the conversations that have lines."""
    last: str | None = None
    """The conversation whose line was written last."""
    listed: set[str] = field(default_factory=set)
    """Its runs that have lines."""

    def of(
        self, group: Sequence[Row], runs: Mapping[str, Iterable[Row]], messages: Sequence[Row]
    ) -> Iterator[bytes]:
        """Conversations of one workspace, those of their runs and messages that have no lines yet."""
        self.workspaces[group[0]["workspace_id"]] = None
        parts = stored_parts(messages, group[0]["workspace_id"])
        objects = _objects_of(group[0]["workspace_id"], messages)
        feedback = _feedback_on(group[0]["workspace_id"], messages)
        dismissed = _dismissed_by(group[0]["workspace_id"], messages)
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
                related = {
                    "parts": parts.get(message["id"]),
                    "objects": _read(objects.get(message["id"], ())) or None,
                    "feedback": feedback.get(message["id"]),
                    "dismissed_memories": dismissed.get(message["id"]),
                }
                yield self._counted("message", own | related)

    def of_memories(self, workspace_id: str, page: Sequence[Row]) -> Iterator[bytes]:
        """Memories of one workspace."""
        for row in with_origins(workspace_id, page):
            yield self._counted("memory", row | {"workspace": self.slugs.get(workspace_id)})

    def end(self) -> bytes:
        return _line("end", {PLURALS[kind]: count for kind, count in self.counts.items()})

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
            # Small ones are read at once.
            rows, is_cut = ([], True) if len(group) == 1 else _first(messages.in_order(IN_ORDER), READ)
            if not is_cut:
                of_runs = _grouped(_runs_of(workspace_id, conversation__in=ids))
                yield from lines.of(group, of_runs, rows)
                continue
            for row in group:
                runs = _runs_of(workspace_id, conversation__in=[row["id"]])
                of_one = messages.filter(conversation=row["id"])
                for some in _pages(of_one, READ, ("seq",)):
                    yield from lines.of([row], {row["id"]: runs}, some)


def _of_messages(messages: Any, lines: _Lines) -> Iterator[bytes]:
    for page in _sorted(messages, READ, IN_ORDER):
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
    page, is_cut = _first(ordered[:PAGE], columns)
    yield page
    while is_cut or len(page) == PAGE:
        position = tuple(page[-1][name] for name in order)
        page, is_cut = _first(ordered.after(order, position)[:PAGE], columns)
        yield page


def _first(rows: Selectable, columns: Sequence[str]) -> tuple[list[Row], bool]:
    """(as many of the rows as are held at once, whether there may be more)."""
    return first_json_rows(rows, columns, most_bytes=parley_settings().page_bytes)


def _sorted(queryset: Any, columns: Sequence[str], order: Sequence[str]) -> Iterator[list[Row]]:
    """The same of rows that no index may hold in this order: they are sorted once, by key."""
    ordered = queryset.in_order(order, descending=False)
    rows = queryset.model._default_manager.using(queryset.db).in_order(order, descending=False)
    for batch in batches(ordered.values_list("pk", "workspace_id").iterator(chunk_size=PAGE), PAGE):
        tenants, keys = {workspace_id for _, workspace_id in batch}, [key for key, _ in batch]
        while keys:
            page, is_cut = _first(rows.filter(workspace__in=tenants, pk__in=keys), columns)
            yield page
            keys = keys[len(page) :] if is_cut else []


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


def _objects_of(workspace_id: str, messages: Sequence[Row]) -> Mapping[str, list[StoredObject]]:
    """The objects of these messages, by id, their bytes not read yet."""
    by_message: dict[str, list[StoredObject]] = defaultdict(list)
    objects = StoredObject.objects.for_workspace(workspace_id)
    for stored in objects.filter(message__in=[row["id"] for row in messages]):
        by_message[stored.message_id].append(stored)
    return by_message


def _feedback_on(workspace_id: str, messages: Sequence[Row]) -> Mapping[str, list[Row]]:
    """What is thought of these messages, by id, in the order in which it was given."""
    by_message: dict[str, list[Row]] = defaultdict(list)
    rows = Feedback.objects.for_workspace(workspace_id).of_messages([row["id"] for row in messages])
    for row in rows.order_by("created_at", "id"):
        by_message[row.message_id].append({name: getattr(row, name) for name in FEEDBACK})
    return by_message


def _dismissed_by(workspace_id: str, messages: Sequence[Row]) -> Mapping[str, list[str]]:
    """What these messages give no more, by id: the hashes of memories that somebody deleted."""
    by_message: dict[str, list[str]] = defaultdict(list)
    rows = MemoryDismissal.objects.for_workspace(workspace_id).by_messages([row["id"] for row in messages])
    for message_id, text_hash in rows.order_by("pk").values_list("message_id", "text_hash"):
        by_message[message_id].append(text_hash)
    return by_message


def _read(objects: Iterable[StoredObject]) -> list[Row]:
    """The records of objects with their bytes."""
    return [
        {name: getattr(stored, name) for name in OBJECT_COLUMNS} | {"data": _data(stored)}
        for stored in objects
    ]


def _data(stored: StoredObject) -> str | None:
    """The bytes of an object in base64; None where the storage has lost the file.

    Raises StorageUnavailable: a copy without what is there would pass for a whole one.
    """
    try:
        with storage_errors(), stored.open() as file:
            return base64.b64encode(file.read()).decode()
    except FileNotFoundError:  # the rest is worth exporting
        logger.exception("could not read %s", stored.path)
        return None


def _line(kind: str, row: Row) -> bytes:
    """One record; keys without a value are left out."""
    return encode({"type": kind} | {name: item for name, item in row.items() if item is not None}) + b"\n"
