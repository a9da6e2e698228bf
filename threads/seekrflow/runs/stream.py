"""What a run writes, as it is written, until the run ends."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from messaging.changes.relay import Heard, Listener, Silence, Told
from messaging.content import Link
from messaging.models import Message, Run
from messaging.services.reading import parts_of_messages
from messaging.services.transactions import reading_for_write
from messaging.values.choices import ChangeKind, RunStatus
from messaging.wire.listening import relay_of_loop

from .events import DONE, SILENCE, ending, events_of, opening, written

KINDS = tuple(kind for kind in ChangeKind.values if kind.startswith("run.")) + (
    ChangeKind.MESSAGES_CREATED.value,
    ChangeKind.CONVERSATION_DELETED.value,
)
"""The changes after which there may be something to tell."""
ORDER = ("created_at", "seq")
PAGE = 50
"""Messages that are read at a time."""


@dataclass(slots=True)
class RunReader:
    """Reads what a run has written since the last time."""

    run: Run
    link: Link
    position: tuple[datetime, int] | None = None
    """Of the last message that was read, in ORDER."""
    has_more: bool = True
    has_ended: bool = False

    @reading_for_write()
    def read(self) -> bytes:
        """The next events. A run whose thread is gone has ended, and no event tells of it."""
        runs = Run.objects.for_workspace(self.run.workspace_id).in_conversation(self.run.conversation_id)
        run = runs.filter(pk=self.run.pk).first()
        if run is None:
            self.has_more, self.has_ended = False, True
            return b""
        self.run = run  # read before its messages: of one that has ended they are all there
        rows = self._rows()
        self.has_more = len(rows) == PAGE
        self.has_ended = not self.has_more and (not run.is_active or self.is_overdue)
        return self._written(rows) + (self._ending() if self.has_ended else b"")

    @property
    def is_overdue(self) -> bool:
        """Whether the run counts as failed, although nobody has noted it yet."""
        return self.run.is_active and self.run.expires_at <= timezone.now()

    def concerns(self, heard: Heard) -> bool:
        """Whether there may be something to read after this."""
        match heard:
            case Told(change=change):
                return change.run_id in (self.run.pk, None)
            case Silence():
                return self.is_overdue
        return True

    def _rows(self) -> list[Message]:
        messages = Message.objects.for_workspace(self.run.workspace_id)
        rows = messages.in_conversation(self.run.conversation_id).filter(run_id=self.run.pk)
        if self.position:
            rows = rows.after(ORDER, self.position)
        return list(rows.in_order(ORDER)[:PAGE])

    def _written(self, rows: list[Message]) -> bytes:
        if not rows:
            return b""
        self.position = (rows[-1].created_at, rows[-1].seq)
        parts = parts_of_messages(rows, workspace_id=self.run.workspace_id, link=self.link)
        return b"".join(written(events_of(parts[row.pk])) for row in rows)

    def _ending(self) -> bytes:
        return written(ending(RunStatus.FAILED if self.is_overdue else self.run.status)) + DONE


async def events_for(reader: RunReader, listener: Listener) -> AsyncIterator[bytes]:
    """What the run has written and writes, until it ends or the listener may listen no longer."""
    yield written(opening(reader.run))
    relay, is_due = relay_of_loop(), True
    async with aclosing(relay.heard_by(listener)) as hearing:
        async for heard in hearing:
            is_due = is_due or reader.concerns(heard)
            while is_due and (text := await relay.read(reader.read)) is not None:
                if text:  # an empty piece would end an answer that is sent in chunks
                    yield text
                is_due = reader.has_more  # and it stays due while the store is away
            if reader.has_ended:
                return
            if isinstance(heard, Silence):
                yield SILENCE


def events_now(reader: RunReader) -> Iterator[bytes]:
    """What the run has written already: the client attaches again for what comes later."""
    yield written(opening(reader.run))
    while reader.has_more:
        if text := reader.read():
            yield text
