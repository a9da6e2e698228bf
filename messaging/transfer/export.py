"""Exporting: lines of JSON, a page of rows in memory at a time, all of one moment."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from messaging.models import Conversation, Message, Workspace
from messaging.models.conversation import ConversationQuerySet
from messaging.services.bulk import batches
from messaging.services.transactions import reading_snapshot
from messaging.sql.rows import json_rows
from messaging.values.json import encode

from .formats.parley import FORMAT, VERSION
from .related import parts_and_objects, runs_of

PAGE = 1_000
NOT_OF_CONVERSATIONS = ("active_run", "index_terms", "last_created_at", "last_seq", "search_title")
NOT_OF_MESSAGES = ("has_parts", "index_terms", "search_text", "workspace_id")

Row = dict[str, Any]


def _columns(model: Any, without: Iterable[str]) -> tuple[str, ...]:
    return tuple(column.attname for column in model._meta.concrete_fields if column.attname not in without)


CONVERSATION_COLUMNS = _columns(Conversation, NOT_OF_CONVERSATIONS)
MESSAGE_COLUMNS = _columns(Message, NOT_OF_MESSAGES)
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

    def conversation(self, row: Row) -> bytes:
        return self._counted("conversation", row | {"workspace": self.slugs.get(row["workspace_id"])})

    def runs(self, conversation_id: str, runs: Iterable[Row]) -> Iterator[bytes]:
        for run in runs:
            yield self._counted("run", {"conversation_id": conversation_id} | run)

    def messages(self, rows: Sequence[Row], related: Mapping[str, Row]) -> Iterator[bytes]:
        for row in rows:
            own = {name: row[name] for name in MESSAGE_COLUMNS}
            yield self._counted("message", own | related.get(row["id"], {}))

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
                yield lines.conversation(group[0])
                for name, run in runs_of(workspace_id=workspace_id, conversation_ids=ids):
                    yield from lines.runs(name, [run])
                for some in _pages(messages, READ, ("seq",)):
                    yield from lines.messages(some, parts_and_objects(workspace_id, some))
            else:
                yield from _of_group(group, messages, lines)


def _of_group(group: Sequence[Row], messages: Any, lines: _Lines) -> Iterator[bytes]:
    """Several small conversations, their messages and runs read at once."""
    workspace_id = group[0]["workspace_id"]
    rows = json_rows(messages.order_by("conversation", "seq"), READ)
    related = parts_and_objects(workspace_id, rows)
    runs = _runs(workspace_id, [row["id"] for row in group])
    messages_of = _grouped(rows)
    for row in group:
        yield lines.conversation(row)
        yield from lines.runs(row["id"], runs[row["id"]])
        yield from lines.messages(messages_of[row["id"]], related)


def _of_messages(messages: Any, lines: _Lines) -> Iterator[bytes]:
    last = None
    listed: set[str] = set()  # runs of this conversation, which may have written on pages before
    for page in _sorted(messages, READ, ("conversation_id", "seq")):
        messages_of = _grouped(page)
        tenants = {row["workspace_id"] for row in page}
        conversations = Conversation.objects.filter(workspace__in=tenants, pk__in=list(messages_of))
        for group in _groups(json_rows(conversations.order_by("pk"), CONVERSATION_COLUMNS)):
            rows = [row for conversation in group for row in messages_of[conversation["id"]]]
            related = parts_and_objects(group[0]["workspace_id"], rows)
            runs = _runs_of_messages(group[0]["workspace_id"], rows)
            for conversation in group:
                name = conversation["id"]
                if name != last:
                    yield lines.conversation(conversation)
                    last, listed = name, set()
                yield from lines.runs(name, [run for run in runs[name] if run["id"] not in listed])
                yield from lines.messages(messages_of[name], related)
                listed.update(run["id"] for run in runs[name])


def _pages(queryset: Any, columns: Sequence[str], order: Sequence[str]) -> Iterator[list[Row]]:
    """All rows, page by page, each by an index scan from where the last one ended."""
    ordered = queryset.in_order(order, descending=False)
    page = json_rows(ordered[:PAGE], columns)
    while page:
        yield page
        if len(page) < PAGE:
            return
        position = tuple(page[-1][name] for name in order)
        page = json_rows(ordered.after(order, position)[:PAGE], columns)


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


def _grouped(messages: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in messages:
        grouped[row["conversation_id"]].append(row)
    return grouped


def _runs(
    workspace_id: str, conversation_ids: Sequence[str], run_ids: Collection[str] | None = None
) -> dict[str, list[Row]]:
    runs: dict[str, list[Row]] = defaultdict(list)
    for name, run in runs_of(workspace_id=workspace_id, conversation_ids=conversation_ids, run_ids=run_ids):
        runs[name].append(run)
    return runs


def _runs_of_messages(workspace_id: str, messages: Sequence[Row]) -> dict[str, list[Row]]:
    """Those runs alone which wrote these messages."""
    wanted = {row["run_id"]: row["conversation_id"] for row in messages if row["run_id"]}
    return _runs(workspace_id, sorted(set(wanted.values())), wanted.keys())


def _line(kind: str, row: Row) -> bytes:
    """One record; keys without a value are left out."""
    return encode({"type": kind} | {name: item for name, item in row.items() if item is not None}) + b"\n"
